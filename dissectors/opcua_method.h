/* Methods of namespace 0, by what they do. */
#ifndef IRONSPAN_OPCUA_METHOD_H
#define IRONSPAN_OPCUA_METHOD_H

#include "dissect/dissect.h"

/* Changes `verb` and `object` where the standard method means more than a call. */
void opcua_method_means(uint32_t id, enum verb *verb, const char **object);

/* How many of its arguments may be shown: behind them stand passwords and keys. */
uint32_t opcua_method_shows(uint32_t id);

#endif
