#include <hs/hs.h>
#include <jansson.h>
#include <pcap/pcap.h>
#include <yaml.h>

#include "dissect/dissect.h"
#include "help.h"
#include "incident/tier_nats.h"

void help_usage(FILE *out)
{
	fputs("usage: ironspan -r CAPTURE [options]\n"
	      "       ironspan -i INTERFACE [options]\n"
	      "       ironspan -q QUEUE [options]\n"
	      "       ironspan audit | collect | ctl | fields | incident | registers check | report |\n"
	      "           rules check | rules show | rules test | settings | share | tier\n"
	      "\n"
	      "Reads packets of industrial plants and prints alerts as JSON lines.\n"
	      "`ironspan --help` shows all options, with examples.\n",
		out);
}

static const char help[] =
	"ironspan reads packets of industrial networks, finds their protocols on any port,\n"
	"matches signatures and writes EVE JSON, one event a line. Events go to standard output,\n"
	"a table for people goes to standard error.\n"
	"\n"
	"Try\n"
	"  ironspan -r plant.pcap                     alerts, with the shipped rules\n"
	"  ironspan -r plant.pcap --events all        and every transaction, device, anomaly\n"
	"  ironspan -r captures/ -l out/              a folder, in time order, to out/eve.json\n"
	"  zcat big.pcap.gz | ironspan -r -           from standard input\n"
	"  sudo ironspan -i eth1 -l /var/log/ironspan what a mirror port sends, until Ctrl-C\n"
	"  sudo iptables -I FORWARD -j NFQUEUE --queue-num 0 --queue-bypass\n"
	"  sudo ironspan -q 0 -S my.rules             inline: stops what these rules drop\n"
	"  ironspan -r plant.pcap -S my.rules         only these rules\n"
	"  ironspan rules check my.rules              does every rule load?\n"
	"  ironspan fields modbus                     what rules can ask, and events show\n"
	"\n"
	"What to read\n"
	"  -r, --read PATH        capture file (pcap, pcapng), folder, or - for standard\n"
	"                         input; may be repeated\n"
	"  -i, --interface NAME   network interface, until Ctrl-C; may be repeated. One that is\n"
	"                         missing or goes down is waited for\n"
	"  -q, --queue N[:M]      hold the packets of NFQUEUE queue N, or N to M, until Ctrl-C, and\n"
	"                         drop what drop and reject rules say\n"
	"  -f, --filter BPF       only packets that match, as in tcpdump\n"
	"  -k, --checksums all|none\n"
	"                         whether packets with wrong checksums are refused (none)\n"
	"      --keep-duplicates  look at copies that a mirror port made\n"
	"      --strict           exit 1 if a capture ends inside a packet\n"
	"\n"
	"What to look for\n"
	"  -S, --only-rules FILE  these rules and no others; may be repeated\n"
	"  -s, --also-rules FILE  these too; may be repeated\n"
	"\n"
	"What to write\n"
	"  -l, --log-dir DIR      DIR/eve.json instead of standard output\n"
	"      --events LIST      of alert,anomaly,asset,flow,health,incident,stats, protocols\n"
	"                         (modbus), or all; instead of alert,asset,health,incident\n"
	"      --registers DIR    what is known of the plant: devices, owners; for incidents\n"
	"      --store DIR        keep incidents, alerts and operations there, for people's work\n"
	"  -Q, --quiet            no table, no progress bar\n"
	"      --profile-rules    at the end, what each rule cost, to standard error; with --json\n"
	"                         as one object\n"
	"  -v, --verbose          say more about configuration and rules\n"
	"\n"
	"Inline\n"
	"      --dry-run          say what would be dropped, and drop nothing\n"
	"      --fail-closed      what cannot be looked at is dropped; by default it passes, and\n"
	"                         a watchdog ends a stalled sensor within a second\n"
	"\n"
	"How to run\n"
	"  -c, --config FILE      configuration, YAML\n"
	"      --set KEY=VALUE    one key of it: --set engine.flows=65536\n"
	"      --threads N        this many threads share the work (1);\n"
	"                         the output is the same\n"
	"      --user NAME        started by root: become this user before looking at packets\n"
	"  -T, --test             check configuration and rules, then exit\n"
	"  -h, --help             this text\n"
	"  -V, --version          versions of ironspan and its libraries\n"
	"\n"
	"Commands\n"
	"  ironspan audit verify --log FILE           is the trail of decisions whole? (and more:\n"
	"                                             ironspan audit --help)\n"
	"  ironspan collect                           incidents of many sensors' alerts, in one\n"
	"                                             store: ironspan collect --help\n"
	"  ironspan ctl COMMAND                       asks a running sensor; ctl --help\n"
	"  ironspan fields [PROTOCOL] [--json]        fields of messages: names in rules\n"
	"  ironspan incident COMMAND --store DIR      who works on what: list, show, ack, confirm …\n"
	"                                             (ironspan incident --help)\n"
	"  ironspan registers check [DIR]             what is known of the plant, and what lacks\n"
	"  ironspan report incident | audit | risk    drafts: of an incident, of who changed what,\n"
	"                                             of a plant before and after networking\n"
	"  ironspan rules check FILE... [--json]      what loads, what does not, and why\n"
	"  ironspan rules show SID [FILE...]          what a rule asks for, and how it is run\n"
	"  ironspan rules test SID [FILE...] -r PATH  why it fires, or what came nearest\n"
	"  ironspan share export | import             incidents out as STIX, OCSF, IDMEF, IODEF;\n"
	"                                             indicators in, as rules\n"
	"  ironspan settings                          keys of the configuration, with defaults\n"
	"  ironspan tier run DIR                      reports up, warnings down; send, status and\n"
	"                                             more: ironspan tier --help\n"
	"\n"
	"Exit code\n"
	"  0  done; rules that were refused are told\n"
	"  1  a mistake in the configuration; a rule refused with -T or rules check, or one that\n"
	"     did not fire with rules test; a capture cut short with --strict\n"
	"  2  could not run: a wrong option, no such file, not a capture\n"
	"\n"
	"The manual, ironspan(1), says more about each.\n";

void help_print(FILE *out)
{
	fputs(help, out);
}

void help_version(FILE *out)
{
	fprintf(out, "ironspan %s\n", IRONSPAN_VERSION);
	fprintf(out, "%s\n", pcap_lib_version());
	fprintf(out, "Hyperscan %s\n", hs_version());
	fprintf(out, "jansson %s\n", jansson_version_str());
	fprintf(out, "libyaml %s\n", yaml_get_version_string());
	if (tier_nats_version())
		fprintf(out, "libnats %s\n", tier_nats_version());
	fputs("protocols:", out);
	for (unsigned i = 0; dissectors[i]; i++)
		fprintf(out, " %s", dissectors[i]->name);
	fputc('\n', out);
}
