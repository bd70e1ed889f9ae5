"""How the Python tests count and end: `N passed, N failed, N skipped`."""
import sys

SHOWN = 12  # differences of one case


class Report:
    def __init__(self):
        self.passed = self.failed = self.skipped = 0

    def case(self, name, faults):
        """A case fails if there are faults; the first few are shown."""
        faults = [str(fault) for fault in faults]
        if not faults:
            self.passed += 1
            return
        self.failed += 1
        print("FAIL %s" % name)
        for fault in faults[:SHOWN]:
            print("     %s" % fault[:400])
        if len(faults) > SHOWN:
            print("     and %d more" % (len(faults) - SHOWN))

    def skip(self, name, why):
        self.skipped += 1
        print("skipped %s: %s" % (name, why))

    def end(self):
        print("%d passed, %d failed%s" % (
            self.passed, self.failed,
            ", %d skipped" % self.skipped if self.skipped else ""))
        sys.exit(1 if self.failed else 0)
