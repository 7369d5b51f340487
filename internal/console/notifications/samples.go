package notifications

import (
	"strings"
	"time"

	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/sample"
	"github.com/windlass-io/windlass/internal/notification"
)

// Samples returns the pages in each of their states.
func Samples() []sample.Page {
	ops := targetView{
		ID: "ntf_1", Name: "ops", Kind: "Webhook", To: "https://example.com/hooks/windlass",
		Events: "load.failed, integration.*", Signed: true, Enabled: true, CreatedAt: sample.Time.Add(-72 * time.Hour),
	}
	team := ops
	team.ID, team.Name, team.Kind, team.To, team.Signed = "ntf_2", "team", "Slack", "https://hooks.slack.com/…", false
	team.FailingSince = sample.Time.Add(-time.Hour)
	mail := team
	mail.ID, mail.Name, mail.Kind, mail.To, mail.Enabled = "ntf_3", "mail", "E-mail", "ops@example.com", false
	mail.Reason, mail.Datasets = "Every delivery failed for five days: The mail server answered 550.", "orders"
	var deliveries []deliveryView
	for i, state := range []notification.State{
		notification.Waiting, notification.Sent, notification.LeftOut, notification.Failed,
	} {
		deliveries = append(deliveries, deliveryView{
			ID: "dlv_1", Title: "Load of orders failed", Type: "load.failed", State: state,
			At: sample.Time.Add(-time.Duration(i) * time.Hour), Again: state == notification.Failed,
			Detail: "The address answered 503 Service Unavailable.",
		})
	}
	crumb := page.Crumb{Name: "Notifications", Path: root}
	typed := form{Kind: "webhook", Events: "load.failed, integration.*"}
	return []sample.Page{
		sample.New("notifications-empty", "notifications/notifications", &listPage{
			Frame: sample.Frame("Notifications", root),
		}),
		sample.New("notifications", "notifications/notifications", &listPage{
			Frame: sample.Frame("Notifications", root), Notifications: []targetView{ops, team, mail},
		}),
		sample.New("notification", "notifications/notification", &targetPage{
			Frame: sample.Frame("ops", root, crumb), Target: ops, Deliveries: deliveries,
		}),
		sample.New("notification-created", "notifications/notification", &targetPage{
			Frame: sample.Frame("ops", root, crumb), Target: ops, Secret: "whsec_" + strings.Repeat("d2lu", 11),
		}),
		sample.New("notification-disabled", "notifications/notification", &targetPage{
			Frame: sample.Frame("mail", root, crumb), Target: mail,
		}),
		sample.New("notification-new", "notifications/form", &formPage{
			Frame: sample.Frame("Add a notification", root, crumb), Action: root + "/new", Form: typed,
		}),
		sample.New("notification-edit", "notifications/form", &formPage{
			Frame: sample.Frame("Edit", root, crumb), Action: root + "/ntf_1/edit", Form: typed, Target: ops,
		}),
	}
}
