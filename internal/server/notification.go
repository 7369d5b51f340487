package server

import (
	"github.com/windlass-io/windlass/internal/dial"
	"github.com/windlass-io/windlass/internal/notification"
	"github.com/windlass-io/windlass/internal/notification/mail"
	"github.com/windlass-io/windlass/internal/notification/webhook"
	"github.com/windlass-io/windlass/internal/seal"
)

// openNotifications builds the service that sends notifications.
func (s *Server) openNotifications(guard *dial.Guard, sealer *seal.Sealer) {
	settings := &s.config.Settings
	client := guard.Client(dial.Notification)
	carriers := map[notification.Kind]notification.Carrier{
		notification.Webhook: webhook.NewSigned(client), notification.Slack: webhook.NewSlack(client),
	}
	if server, ok := settings.Mail(); ok {
		carriers[notification.Email] = mail.New(mail.Config{
			Host: server.Host, Port: server.Port, Implicit: server.Implicit, User: server.User,
			Password: server.Password, From: server.From, Logger: s.config.Logger,
		})
	}
	s.notifications = notification.New(notification.Config{
		Checker: s.checker, Store: s.store, Sealer: sealer, CheckURL: settings.DialPolicy().URL, Carriers: carriers,
		Record: s.recorder.Record, PublicURL: settings.PublicURL, Logger: s.config.Logger, Now: s.node.Now,
		Observe: func(kind notification.Kind, outcome string) { s.metrics.Notified(string(kind), outcome) },
		Most:    settings.MaxNotifications,
	})
}
