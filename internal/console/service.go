package console

import (
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
	"github.com/windlass-io/windlass/internal/console/query"
	"github.com/windlass-io/windlass/internal/console/sandbox"
	"github.com/windlass-io/windlass/internal/console/schedules"
	"github.com/windlass-io/windlass/internal/console/shell"
	"github.com/windlass-io/windlass/internal/console/signin"
	"github.com/windlass-io/windlass/internal/console/sources"
	"github.com/windlass-io/windlass/internal/console/tokens"
)

// Services has the parts of the domain that the pages show. Every field without
// "optional" is required.
type Services struct {
	Identity      Identity
	Integrations  Integrations
	Doctor        Doctor
	Credentials   Credentials
	Sources       Sources
	Schedules     Schedules
	Datasets      Datasets
	Rows          Rows
	Schemas       Schemas
	Loads         Loads
	Nodes         Nodes
	Notifications Notifications
	Feeds         Feeds
	Pipelines     Pipelines
	Query         Query
	Views         Views
	Delivery      Delivery
	Tokens        Tokens
	Login         Login
	Audit         Audit
	Security      Security
	Providers     Providers
	Grants        Grants
	Vending       Vending
	Reach         Reach
	Usage         Usage
	Sandbox       Sandbox // optional; nil where the service works against AWS itself
}

// Feeds is how sources are loaded into datasets; *feed.Service implements it.
type Feeds interface{ sources.Feeds }

// Pipelines creates sources with what loads them; *pipeline.Service implements it.
type Pipelines interface{ sources.Pipelines }

// Schedules starts loads at fire times; *schedule.Service implements it.
type Schedules interface {
	home.Schedules
	schedules.Schedules
}

// Members signs members in; *workspace.Service implements it.
type Members interface {
	account.Members
	members.Members
	shell.Members
	signin.Members
}

// Identity describes the service's own AWS principal; *principal.Service implements it.
type Identity interface{ integrations.Identity }

// Integrations is the customers' roles; *integration.Service implements it.
type Integrations interface {
	ci.Integrations
	credentials.Integrations
	home.Integrations
	integrations.Integrations
	sources.Integrations
}

// Doctor verifies integrations; *doctor.Service implements it.
type Doctor interface {
	credentials.Doctor
	integrations.Doctor
}

// Credentials is the access keys; *credential.Service implements it.
type Credentials interface {
	credentials.Credentials
	home.Credentials
	sources.Credentials
}

// Sources manages which objects are loaded; *source.Service implements it.
type Sources interface {
	datasets.Sources
	home.Sources
	loads.Sources
	schedules.Sources
	sources.Sources
}

// Datasets is the typed tables; *dataset.Service implements it.
type Datasets interface {
	datasets.Datasets
	home.Datasets
	members.Datasets
	query.Datasets
	schedules.Datasets
	sources.Datasets
	tokens.Datasets
}

// Rows measures datasets; engine.Engine implements it.
type Rows interface {
	datasets.Rows
	home.Rows
}

// Schemas changes the schemas of datasets; *alter.Service implements it.
type Schemas interface{ datasets.Schemas }

// Loads loads objects into datasets; *load.Service implements it.
type Loads interface {
	datasets.Loads
	home.Loads
	loads.Loads
	sources.Loads
}

// Nodes lists the processes that serve the state; *node.Service implements it.
type Nodes interface{ nodes.Nodes }

// Notifications sends notifications; *notification.Service implements it.
type Notifications interface{ notifications.Notifications }

// Query runs SQL; *query.Service implements it.
type Query interface{ query.Query }

// Views stores statements as read-only datasets; *view.Service implements it.
type Views interface{ query.Views }

// Delivery returns rows; *delivery.Service implements it.
type Delivery interface{ datasets.Delivery }

// Tokens is the API tokens; *token.Service implements it.
type Tokens interface {
	account.Tokens
	home.Tokens
	members.Tokens
	tokens.Tokens
}

// Login approves commands; *login.Service implements it.
type Login interface{ signin.Login }

// Audit reads and verifies audit entries; *audit.Service implements it.
type Audit interface {
	ci.Audit
	logs.Audit
}

// Security is the security log; *security.Service implements it.
type Security interface{ logs.Security }

// Providers manages the issuers whose tokens are accepted; *provider.Service
// implements it.
type Providers interface{ ci.Providers }

// Grants manages grants; *grant.Service implements it.
type Grants interface{ ci.Grants }

// Vending exchanges tokens for credentials; *vending.Service implements it.
type Vending interface{ ci.Vending }

// Reach finds who can reach what; *reach.Service implements it.
type Reach interface{ ci.Reach }

// Sandbox is the rehearsed AWS that the service works against;
// *rehearsal.Service implements it.
type Sandbox interface{ sandbox.Sandbox }

// Usage reports requests; *usage.Service implements it.
type Usage interface{ datasets.Usage }
