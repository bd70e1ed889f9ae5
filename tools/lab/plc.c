/* A controller on libmodbus: 64 coils, 64 discrete inputs, 200 holding registers and 100
 * input registers that slowly change. usage: plc PORT */
#include <arpa/inet.h>
#include <errno.h>
#include <modbus.h>
#include <stdbool.h>
#include <stdio.h>
#include <stdlib.h>
#include <sys/select.h>
#include <unistd.h>

static modbus_t *bus;
static modbus_mapping_t *map;

static void process_step(void)
{
	static unsigned step;

	step++;
	for (int i = 0; i < map->nb_input_registers; i++)
		map->tab_input_registers[i] =
			(uint16_t)(2000 + i * 10 + (step * (i + 1)) % 37);
	for (int i = 0; i < map->nb_input_bits; i++)
		map->tab_input_bits[i] = (step >> (i % 5)) & 1;
}

/* false when the client went away. A request without answer (libmodbus has some) ends
 * nothing. */
static bool answer(int client)
{
	uint8_t request[MODBUS_TCP_MAX_ADU_LENGTH];
	int len;

	modbus_set_socket(bus, client);
	len = modbus_receive(bus, request);
	if (len < 0)
		return false;
	process_step();
	if (len > 0)
		modbus_reply(bus, request, len, map);
	return true;
}

static int serve(int listener)
{
	fd_set open, ready;
	int top = listener;

	FD_ZERO(&open);
	FD_SET(listener, &open);
	for (;;) {
		ready = open;
		if (select(top + 1, &ready, NULL, NULL, NULL) < 0)
			return 1;
		for (int fd = 0; fd <= top; fd++) {
			if (!FD_ISSET(fd, &ready))
				continue;
			if (fd == listener) {
				int client = accept(listener, NULL, NULL);

				if (client < 0 || client >= FD_SETSIZE)
					continue;
				FD_SET(client, &open);
				top = client > top ? client : top;
			} else if (!answer(fd)) {
				close(fd);
				FD_CLR(fd, &open);
			}
		}
	}
}

int main(int argc, char **argv)
{
	int listener;

	if (argc != 2)
		return 2;
	bus = modbus_new_tcp("0.0.0.0", atoi(argv[1]));
	map = modbus_mapping_new(64, 64, 200, 100);
	listener = bus ? modbus_tcp_listen(bus, 10) : -1;
	if (!map || listener < 0) {
		fprintf(stderr, "plc: %s\n", modbus_strerror(errno));
		return 1;
	}
	for (int i = 0; i < map->nb_registers; i++)
		map->tab_registers[i] = (uint16_t)(1200 + i);
	return serve(listener);
}
