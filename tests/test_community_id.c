#include "output/community_id.h"
#include "test.h"

/* Published: github.com/corelight/community-id-spec, baseline. */
static void test_community_id(void)
{
	static const struct {
		uint8_t proto; const char *src, *dst; uint16_t sport, dport,
			seed; const char *want;
	} cases[] = {
		{ 58, "fe80::200:86ff:fe05:80da", "fe80::260:97ff:fe07:69ea", 135, 0, 0,
			"1:dGHyGvjMfljg6Bppwm3bg0LO8TY=" },
		{ 58, "fe80::260:97ff:fe07:69ea", "fe80::200:86ff:fe05:80da", 136, 0, 0,
			"1:dGHyGvjMfljg6Bppwm3bg0LO8TY=" },
		{ 58, "3ffe:501:1800:2345::2", "3ffe:507:0:1:200:86ff:fe05:80da", 3, 0, 0,
			"1:2ObVBgIn28oZvibYZhZMBgh7WdQ=" },
		{ 58, "3ffe:501:410:0:2c0:dfff:fe47:33e",
			"3ffe:507:0:1:200:86ff:fe05:80da", 1, 4, 0,
			"1:hLZd0XGWojozrvxqE0dWB1iM6R0=" },
		{ 58, "3ffe:507:0:1:200:86ff:fe05:80da", "3ffe:501:0:1001::2", 128, 0, 0,
			"1:+TW+HtLHvV1xnGhV1lv7XoJrqQg=" },
		{ 58, "fe80::200:86ff:fe05:80da", "ff02::2", 133, 0, 0,
			"1:hO+sN4H+MG5MY/8hIrXPqc4ZQz0=" },
		{ 58, "fe80::260:97ff:fe07:69ea", "ff02::1", 134, 0, 0,
			"1:pkvHqCL88/tg1k4cPigmZXUtL00=" },
		{ 1, "192.168.0.89", "192.168.0.1", 8, 0, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=" },
		{ 1, "192.168.0.1", "192.168.0.89", 0, 0, 0, "1:X0snYXpgwiv9TZtqg64sgzUn6Dk=" },
		{ 1, "10.0.0.1", "10.0.0.2", 11, 0, 0, "1:YHxtAirCG//0OzkcVAukqKQN9xM=" },
		{ 6, "2001:470:e5bf:dead:4957:2174:e82c:4887", "2607:f8b0:400c:c03::1a",
			63943, 25, 0,
			"1:/qFaeAR+gFe1KYjMzVDsMv+wgU4=" },
		{ 132, "192.168.170.8", "192.168.170.56", 7, 7, 0,
			"1:MP2EtRCAUIZvTw6MxJHLV7N7JDs=" },
		{ 6, "128.232.110.120", "66.35.250.204", 34855, 80, 0,
			"1:LQU9qZlK+B5F3KDmev6m5PMibrg=" },
		{ 6, "66.35.250.204", "128.232.110.120", 80, 34855, 0,
			"1:LQU9qZlK+B5F3KDmev6m5PMibrg=" },
		{ 6, "128.232.110.120", "66.35.250.204", 34855, 80, 1,
			"1:3V71V58M3Ksw/yuFALMcW0LAHvc=" },
		{ 17, "192.168.1.52", "8.8.8.8", 54585, 53, 0,
			"1:d/FP5EW3wiY1vCndhwleRRKHowQ=" },
		{ 46, "10.1.12.1", "10.1.12.2", 0, 0, 0, "1:KHlLkgoJW7ifUTyTSgyVfkFHzKw=" },
	};
	for (size_t i = 0; i < sizeof(cases) / sizeof(*cases); i++) {
		struct address src, dst;
		char id[COMMUNITY_ID_LEN];
		address_parse(&src, cases[i].src);
		address_parse(&dst, cases[i].dst);
		community_id(cases[i].seed, cases[i].proto, &src, &dst, cases[i].sport,
			cases[i].dport, id);
		CHECK(!memcmp(id, cases[i].want, sizeof(id)), "%s: %.30s", cases[i].want, id);
	}
}

int main(void)
{
	test_community_id();
	return test_end();
}
