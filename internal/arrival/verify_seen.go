package arrival

import (
	"context"
	"fmt"

	"github.com/windlass-io/windlass/internal/paging"
)

// checkSeen checks the bucket's notification by the events that were received,
// because the role can't read the notification.
func (v *verifier) checkSeen(ctx context.Context) error {
	found, err := v.service.config.Store.Events(ctx, v.setting.Workspace, v.setting.SourceID)
	if err != nil {
		return err
	}
	lists, err := v.service.config.Store.EventLists(ctx, v.setting.SourceID, paging.Request{Limit: 2})
	if err != nil {
		return err
	}
	var last *List
	if len(lists.Items) > 0 && lists.Items[0].Complete {
		last = &lists.Items[0]
	}
	broken := !found.Seen.DetailOnly.IsZero() && !found.Seen.DetailOnly.Before(found.Seen.LastEvent)
	isSeen := !found.Seen.LastEvent.IsZero() || !found.Seen.TestEvent.IsZero()
	switch topic := found.Seen.Confirmation; {
	case broken:
		v.add(CheckNotification, Fail, EventBridgeInput, "The queue receives only the detail of EventBridge's events, "+
			"without detail-type and source, so they can't be understood.", "Remove the input path, the input "+
			"transformer or the constant from the rule's target: it must pass the matched event unchanged.")
	case isSeen:
		v.add(CheckNotification, Pass, "", "Events of the bucket arrive.", "")
	case topic.Topic != "":
		v.add(CheckNotification, Fail, SNSUnconfirmed, "The subscription to "+topic.Topic+" isn't confirmed.",
			fmt.Sprintf("aws sns confirm-subscription --topic-arn %s --token %s", topic.Topic, topic.Token))
	case last != nil && last.Missed > 0:
		v.add(CheckNotification, Fail, NotificationMissing, "No event has arrived, but the last list found newer "+
			"objects.",
			setupHint)
	default:
		v.add(CheckNotification, Warn, "", "No event of the bucket has arrived since the queue was set.",
			"Write an object, or set the bucket's notification: S3 then sends a test event.")
	}
	if last == nil || last.Missed == 0 || !isSeen {
		v.checkFilter(last)
		return nil
	}
	return v.explainMissed(&found.Seen, lists.Items)
}

// checkFilter checks whether the last list found objects without an event, if none was
// found or no event was seen.
func (v *verifier) checkFilter(last *List) {
	switch {
	case last == nil:
		v.add(CheckFilter, Skip, "", "No list has ended yet.", "Run windlass source events list.")
	case last.Missed == 0:
		v.add(CheckFilter, Pass, "", "The last list found no object without an event.", "")
	default: // nothing was seen: the check of the notification has the fix
		v.add(CheckFilter, Fail, NotificationMissing, missedText(last), filterHint)
	}
}

const filterHint = "Compare the filter and the events of the bucket's notification with what windlass source events " +
	"setup prints."

func missedText(last *List) string {
	return fmt.Sprintf("The last list found %d objects without an event, such as %q.", last.Missed,
		last.MissedKeys[0].Key)
}
