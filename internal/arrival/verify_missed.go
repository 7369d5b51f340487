package arrival

import (
	"encoding/json"
	"fmt"
	"slices"
	"strings"
)

// explainMissed adds the check of a notification whose events arrive, but not those of
// all objects. lists are the newest ones, newest first.
func (v *verifier) explainMissed(seen *Seen, lists []List) error {
	last := &lists[0]
	prefix, suffix, err := filterOf(v.source)
	if err != nil {
		return err
	}
	cause, fix := NotificationEvents, filterHint
	folder, extension := seen.Keys.folder(), seen.Keys.extension()
	switch {
	case folder != "" && last.allMissed(func(m MissedKey) bool { return !strings.HasPrefix(m.Key, folder) }):
		cause, fix = NotificationPrefix, fixFilter("prefix", folder, prefix, suffix)
	case extension != "" && last.allMissed(func(m MissedKey) bool { return !strings.HasSuffix(m.Key, extension) }):
		cause, fix = NotificationSuffix, fixFilter("suffix", extension, prefix, suffix)
	case !seen.LastEvent.IsZero() &&
		last.allMissed(func(m MissedKey) bool { return m.Modified.After(seen.LastEvent) }):
		cause, fix = NotificationOverwritten, overwrittenFix
	case v.isEmpty && seen.Counts.Malformed == 0 && len(lists) > 1 && lists[0].missedMost() && lists[1].missedMost():
		cause, fix = QueueShared, sharedFix
	}
	v.add(CheckFilter, Fail, cause, missedText(last), fix)
	return nil
}

const (
	overwrittenFix = "Add the rule to the bucket's notification again with what windlass source events setup prints. " +
		"Something has probably replaced the whole notification: Terraform's aws_s3_bucket_notification, a " +
		"CloudFormation template with the bucket, or aws s3api put-bucket-notification-configuration. Add the rule " +
		"there too."
	sharedFix = "Another consumer probably reads the queue and deletes the messages. Give Windlass a queue of its " +
		"own: windlass source events set with another queue, then apply what windlass source events setup prints."
)

// allMissed reports whether a condition is true for all known missed objects.
func (l *List) allMissed(is func(MissedKey) bool) bool {
	return !slices.ContainsFunc(l.MissedKeys, func(m MissedKey) bool { return !is(m) })
}

// missedMost reports whether events missed more than half of the objects of the time since
// the previous list.
func (l *List) missedMost() bool { return l.Complete && l.Expected > 0 && 2*l.Missed > l.Expected }

// fixFilter returns how to change the filter of a notification that only lets keys with a
// prefix or suffix through. prefix and suffix are those of all keys of the source.
func fixFilter(part, now, prefix, suffix string) string {
	type rule struct{ Name, Value string }
	var rules []rule
	if prefix != "" {
		rules = append(rules, rule{"prefix", prefix})
	}
	if suffix != "" {
		rules = append(rules, rule{"suffix", suffix})
	}
	instead := "Remove the filter from the bucket's notification."
	if len(rules) > 0 {
		text, _ := json.Marshal(map[string]any{"Key": map[string]any{"FilterRules": rules}}) // strings always encode
		instead = "Set the filter of the bucket's notification to " + string(text) + "."
	}
	return fmt.Sprintf("All events have keys with the %s %q, and no missed object has it. %s", part, now, instead)
}
