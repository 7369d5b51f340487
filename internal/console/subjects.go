package console

import (
	"io/fs"

	"github.com/windlass-io/windlass/internal/console/account"
	"github.com/windlass-io/windlass/internal/console/ci"
	"github.com/windlass-io/windlass/internal/console/credentials"
	"github.com/windlass-io/windlass/internal/console/datasets"
	"github.com/windlass-io/windlass/internal/console/home"
	"github.com/windlass-io/windlass/internal/console/integrations"
	"github.com/windlass-io/windlass/internal/console/loads"
	"github.com/windlass-io/windlass/internal/console/logs"
	"github.com/windlass-io/windlass/internal/console/members"
	"github.com/windlass-io/windlass/internal/console/nodes"
	"github.com/windlass-io/windlass/internal/console/notifications"
	"github.com/windlass-io/windlass/internal/console/page"
	"github.com/windlass-io/windlass/internal/console/policies"
	"github.com/windlass-io/windlass/internal/console/query"
	"github.com/windlass-io/windlass/internal/console/sandbox"
	"github.com/windlass-io/windlass/internal/console/schedules"
	"github.com/windlass-io/windlass/internal/console/search"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/signin"
	"github.com/windlass-io/windlass/internal/console/sources"
	"github.com/windlass-io/windlass/internal/console/tokens"
	"github.com/windlass-io/windlass/internal/console/view"
)

// subjects returns the packages of pages with their services.
func subjects(s *shell.Shell, config *Config) []shell.Subject {
	own := account.New(s, account.Services{Members: config.Members, Tokens: config.Tokens})
	all := []shell.Subject{
		own,
		signin.New(s, signin.Services{Login: config.Login, Members: config.Members, Connect: own.Connect}),
		home.New(s, home.Services{
			Credentials: config.Credentials, Datasets: config.Datasets,
			Integrations: config.Integrations, Loads: config.Loads, Rows: config.Rows, Schedules: config.Schedules,
			Sources: config.Sources, Tokens: config.Tokens,
		}),
		ci.New(s, ci.Services{
			Audit: config.Audit, Grants: config.Grants, Integrations: config.Integrations,
			Providers: config.Providers, Reach: config.Reach, Vending: config.Vending,
		}),
		credentials.New(s, credentials.Services{
			Credentials: config.Credentials, Doctor: config.Doctor,
			Integrations: config.Integrations,
		}),
		datasets.New(s, datasets.Services{
			Datasets: config.Datasets, Delivery: config.Delivery, Loads: config.Loads,
			Rows: config.Rows, Schemas: config.Schemas, Sources: config.Sources, Usage: config.Usage,
		}),
		integrations.New(s, integrations.Services{
			Doctor: config.Doctor, Identity: config.Identity,
			Integrations: config.Integrations,
		}),
		loads.New(s, loads.Services{Loads: config.Loads, Sources: config.Sources, Spool: config.Spool}),
		logs.New(s, logs.Services{Audit: config.Audit, Security: config.Security}),
		members.New(s, members.Services{Datasets: config.Datasets, Members: config.Members, Tokens: config.Tokens}),
		nodes.New(s, nodes.Services{Nodes: config.Nodes}),
		notifications.New(s, notifications.Services{Notifications: config.Notifications}),
		policies.New(s),
		query.New(s, query.Services{Datasets: config.Datasets, Query: config.Query, Views: config.Views}),
		schedules.New(s, schedules.Services{
			Datasets: config.Datasets, Schedules: config.Schedules, Sources: config.Sources,
		}),
		search.New(s, search.Services{
			Datasets: config.Datasets, Integrations: config.Integrations, Loads: config.Loads, Members: config.Members,
			Schedules: config.Schedules, Sources: config.Sources, Tokens: config.Tokens,
		}),
		sources.New(s, sources.Services{
			Credentials: config.Credentials, Datasets: config.Datasets,
			Feeds: config.Feeds, Integrations: config.Integrations, Loads: config.Loads, Pipelines: config.Pipelines,
			Sources: config.Sources,
		}),
		tokens.New(s, tokens.Services{Datasets: config.Datasets, Tokens: config.Tokens}),
	}
	if config.Sandbox != nil {
		all = append(all, sandbox.New(s, sandbox.Services{Sandbox: config.Sandbox}))
	}
	return all
}

// templates returns the templates of each subject's pages.
func templates() page.Templates {
	return page.Templates{
		Parts: []fs.FS{view.Parts},
		Pages: map[string]fs.FS{
			"account":       account.Templates,
			"ci":            ci.Templates,
			"credentials":   credentials.Templates,
			"datasets":      datasets.Templates,
			"home":          home.Templates,
			"integrations":  integrations.Templates,
			"loads":         loads.Templates,
			"logs":          logs.Templates,
			"members":       members.Templates,
			"nodes":         nodes.Templates,
			"notifications": notifications.Templates,
			"policies":      policies.Templates,
			"query":         query.Templates,
			"sandbox":       sandbox.Templates,
			"schedules":     schedules.Templates,
			"search":        search.Templates,
			"shell":         shell.Templates,
			"signin":        signin.Templates,
			"sources":       sources.Templates,
			"tokens":        tokens.Templates,
		},
	}
}
