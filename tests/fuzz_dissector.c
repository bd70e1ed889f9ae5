/* Fuzzes dissectors: built once a protocol, with its port in PORT. */
#include "conversation.h"

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	return converse(data, size, PORT, NULL);
}
