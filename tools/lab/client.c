/* A client on libmodbus. usage: client WHAT HOST PORT [COUNT [MILLISECONDS]]
 *   tour   every function code libmodbus has, and what a server refuses
 *   poll   COUNT rounds of reads, a pause after each, as an operator station does
 *   burst  COUNT requests written at once, answers read afterwards */
#include <errno.h>
#include <modbus.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <unistd.h>

enum { UNIT = 1, RAW_MAX = 260 };

static void tour_bits(modbus_t *bus)
{
	uint8_t bits[64] = { 1, 0, 1, 1, 0, 0, 1, 0, 1, 1 };

	modbus_read_bits(bus, 0, 10, bits);
	modbus_read_input_bits(bus, 3, 13, bits);
	modbus_write_bit(bus, 5, 1);
	modbus_write_bit(bus, 5, 0);
	memset(bits, 1, 11);
	modbus_write_bits(bus, 16, 11, bits);
	modbus_read_bits(bus, 0, 64, bits);
}

static void tour_registers(modbus_t *bus)
{
	uint16_t words[125] = { 0, 1, 0x7fff, 0x8000, 0xffff };

	modbus_write_registers(bus, 100, 5, words);
	modbus_read_registers(bus, 100, 5, words);
	modbus_read_input_registers(bus, 0, 20, words);
	modbus_write_register(bus, 20, 1850);
	modbus_mask_write_register(bus, 20, 0x00f2, 0x0025);
	modbus_write_and_read_registers(bus, 40, 3, words, 38, 6, words);
	modbus_read_registers(bus, 0, 125, words);
}

static void tour_refused(modbus_t *bus)
{
	uint16_t words[125];
	uint8_t bits[64];

	modbus_read_registers(bus, 199, 2, words);
	modbus_read_input_registers(bus, 5000, 1, words);
	modbus_read_bits(bus, 60, 10, bits);
	modbus_write_register(bus, 1000, 7);
	modbus_write_bit(bus, 64, 1);
}

static void raw(modbus_t *bus, const uint8_t *pdu, int len)
{
	uint8_t answer[RAW_MAX];

	if (modbus_send_raw_request(bus, pdu, len) > 0)
		modbus_receive_confirmation(bus, answer);
}

static void tour_raw(modbus_t *bus)
{
	static const uint8_t echo[] = { UNIT, 8, 0, 0, 0xa5, 0x37 };
	static const uint8_t identify[] = { UNIT, 43, 14, 1, 0 };
	static const uint8_t unity[] = { UNIT, 90, 0, 2 };
	static const uint8_t no_quantity[] = { UNIT, 3, 0, 0, 0, 0 };
	static const uint8_t half_coil[] = { UNIT, 5, 0, 1, 0x12, 0x34 };
	static const uint8_t status[] = { UNIT, 7 };

	raw(bus, echo, sizeof(echo));
	raw(bus, identify, sizeof(identify));
	raw(bus, unity, sizeof(unity));
	raw(bus, no_quantity, sizeof(no_quantity));
	raw(bus, half_coil, sizeof(half_coil));
	raw(bus, status, sizeof(status)); /* libmodbus never answers this one */
}

static void tour(modbus_t *bus)
{
	uint8_t identity[RAW_MAX];

	tour_bits(bus);
	tour_registers(bus);
	modbus_report_slave_id(bus, sizeof(identity), identity);
	tour_refused(bus);
	tour_raw(bus);
}

static void poll_rounds(modbus_t *bus, int count, int pause_ms)
{
	uint16_t words[30];
	uint8_t bits[16];

	for (int i = 0; i < count; i++) {
		modbus_read_registers(bus, 0, 30, words);
		modbus_read_input_registers(bus, 0, 20, words);
		modbus_read_bits(bus, 0, 16, bits);
		usleep((useconds_t)pause_ms * 1000);
	}
}

enum { BURST_WORDS = 50, BURST_LEN = 17 + 2 * BURST_WORDS };

/* Function 23: reads as many registers as it writes. */
static void burst_request(uint8_t at[BURST_LEN], int number)
{
	const uint8_t head[] = {
		(uint8_t)(number >> 8), (uint8_t)number, 0, 0, 0, BURST_LEN - 6, UNIT, 23,
		0, (uint8_t)(number % 100), 0, BURST_WORDS,
		0, 100, 0, BURST_WORDS, 2 * BURST_WORDS,
	};

	memcpy(at, head, sizeof(head));
	for (int i = 0; i < BURST_WORDS; i++) {
		at[sizeof(head) + 2 * (size_t)i] = (uint8_t)number;
		at[sizeof(head) + 2 * (size_t)i + 1] = (uint8_t)i;
	}
}

/* One send() of many requests; libmodbus itself would wait for each answer. */
static void burst(modbus_t *bus, int count)
{
	uint8_t *all = calloc((size_t)count, BURST_LEN), answer[RAW_MAX];

	for (int i = 0; all && i < count; i++)
		burst_request(all + i * BURST_LEN, i);
	if (!all || send(modbus_get_socket(bus), all, (size_t)count * BURST_LEN, 0) < 0)
		count = 0;
	for (int i = 0; i < count; i++)
		if (modbus_receive_confirmation(bus, answer) < 0)
			break;
	free(all);
}

int main(int argc, char **argv)
{
	int count = argc > 4 ? atoi(argv[4]) : 1;
	modbus_t *bus;

	if (argc < 4)
		return 2;
	bus = modbus_new_tcp(argv[2], atoi(argv[3]));
	if (!bus || modbus_connect(bus) < 0) {
		fprintf(stderr, "client: %s\n", modbus_strerror(errno));
		return 1;
	}
	modbus_set_slave(bus, UNIT);
	/* libmodbus waits half a second before it refuses. */
	modbus_set_response_timeout(bus, 2, 0);
	if (strcmp(argv[1], "tour") == 0)
		tour(bus);
	else if (strcmp(argv[1], "poll") == 0)
		poll_rounds(bus, count, argc > 5 ? atoi(argv[5]) : 100);
	else
		burst(bus, count);
	modbus_close(bus);
	modbus_free(bus);
	return 0;
}
