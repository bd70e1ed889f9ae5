/* Incidents: alerts that belong together, as one document a person can work with.
 *
 * Alerts join through what they have in common: the source's host, the target, the session, a
 * program that was moved. Two incidents that an alert joins become one, and both tell so. An
 * incident takes alerts until it was silent for `gap_s` or is `life_s` old; what comes later
 * begins another, which names the first as its parent. A host that deals with more than
 * INCIDENT_HUB_PEERS others in alerts, or whose role in the register is to deal with all, is a
 * hub: its alerts make incidents of its own (or of their targets) and join no others; related
 * incidents are only named. A rule that opens incident after incident between hosts that are
 * always others (forged addresses) has them collected in one from INCIDENT_STORM on.
 *
 * Alerts of severity 3 and higher open no incident, but count in one. Counts are exact; lists
 * are bounded. Time is the alerts' own, ids come from what they say: a replay gives the same
 * bytes. Every document is whole, a snapshot with a revision number; the first when it opens,
 * others at once when it got graver (severity, or a device that obeyed for the first time) and
 * within INCIDENT_NEWS_S when a technique or a device is new, the last when it ends. Keys that
 * people fill are null or empty: whoever stores documents keeps theirs.
 *
 * Belongs to one thread. */
#ifndef IRONSPAN_INCIDENT_H
#define IRONSPAN_INCIDENT_H

#include <jansson.h>

#include "output/eve.h"

enum { INCIDENT_HUB_PEERS = 16, INCIDENT_STORM = 64, INCIDENT_NEWS_S = 60 };

struct registers;
struct incidents;

struct incidents_config {
	unsigned limit;         /* incidents that take alerts at a time; beyond it the one
				 * that was silent longest ends */
	unsigned gap_s, life_s;
	const struct registers *registers; /* NULL: what the operator knows is not known */
	const char *site;                 /* NULL: not told */
	const char *attack_file;           /* for the order of tactics; NULL: none */
	bool is_live;                      /* origin live; else replay */
	bool has_sensors;                  /* many: documents tell which saw what, and did not */
	/* Every revision; the document is borrowed for the call. */
	void (*emit)(void *context, const json_t *doc);
	void *context;
};

struct incidents_totals {
	uint64_t alerts;   /* that count in an incident */
	uint64_t loose;    /* of severity 3 and higher, near no incident */
	uint64_t unusable; /* lines that are no alerts */
	uint64_t opened, merged;
};

struct incidents *incidents_new(const struct incidents_config *config);

/* An alert's EVE line, or what claims to be one. */
void incidents_alert(struct incidents *i, struct bytes line);

/* What makes an alert the same as one before but for its time, session, ports and values. A
 * sensor knows it without reading the line; where it has been seen lately the line is not
 * parsed. `deed` is a hash of what was done and where (verb, object, point); 0: each alert
 * has to be looked at. */
struct incident_mark {
	struct address src, dst;
	uint64_t deed, flow_id, time_ns;
	uint32_t gid, sid;
	unsigned outcome;
};
void incidents_alert_marked(struct incidents *i, struct bytes line,
	const struct incident_mark *mark);
/* A rule matched and its threshold held the alert back: counted where the last alert of this
 * rule between these hosts is. */
void incidents_held_back(struct incidents *i, const struct incident_mark *mark);
/* The rules are others: an alert may be graver, or mean something else, than the last of its sid. */
void incidents_forget_known(struct incidents *i);

/* The id of the incident that the last alert counts in; NULL: none. Until the next call. */
const char *incidents_last(const struct incidents *i);

/* What was hidden from a sensor, of everything or of one host; all of one interval. */
struct incident_loss {
	uint64_t packets;                     /* that it did see */
	uint64_t dropped, missed, unseen;     /* by the kernel; the interface; inline, let through */
	uint64_t cut_captures, shed;        /* files that ended midway; flows forgotten */
	uint64_t blind_s, off_s;              /* no link; no sensor */
	uint64_t gaps, blind_bytes, undecoded_bytes;
	uint64_t one_sided, midstream, encrypted; /* flows */
};
struct incident_host_loss {
	struct address host;
	struct incident_loss loss;
};
struct incident_capture {
	const char *sensor; /* whose; NULL: there is but one */
	uint64_t from_ns, until_ns;
	struct incident_loss loss;
	const struct incident_host_loss *hosts; /* servers of flows that hid something */
	unsigned host_count;
};
/* An interval of the sensor is over: it counts in every incident that is open. Of many sensors
 * it counts where one gave alerts, or lost something while the incident ran; one that comes
 * again counts once, and each sensor's come in order. */
void incidents_capture(struct incidents *i, const struct incident_capture *c);

/* A device answered nobody from `since_ns` to `until_ns`, and may still not: told again with the
 * same beginning. It is loss of view where the device is a target of an open incident. */
void incidents_silence(struct incidents *i, const struct address *device, uint64_t since_ns,
	uint64_t until_ns);

void incidents_advance(struct incidents *i, uint64_t now_ns);
/* An incident that was open when the program ended goes on. false: it does not take alerts any
 * more, or it is no document of ours. Before the first alert; oldest first. */
bool incidents_resume(struct incidents *i, const json_t *doc);
const struct incidents_totals *incidents_totals(const struct incidents *i);

/* For who keeps them elsewhere while they are open (collect.h). Documents for
 * incidents_resume() of those that were altered since the last call, whether there is
 * something to tell or not; borrowed for the call. */
void incidents_save(struct incidents *i, void (*save)(void *context, const json_t *doc),
	void *context);
void incidents_tell(struct incidents *i); /* a revision of all that have something to tell */
void incidents_drop(struct incidents *i); /* frees, and tells nothing */

/* The last revision of all that have something to tell. They stay open: see above. */
void incidents_free(struct incidents *i);

#endif
