package access

import "slices"

// The parts of the service that act automatically, as the ID of a System actor.
// Each may do its own work and no other, in any workspace.
const (
	Setup     = "setup"     // first start
	Demo      = "demo"      // the demo
	Scheduler = "scheduler" // starts loads on a schedule
	Events    = "events"    // starts loads on bucket events
	Loader    = "loader"    // runs loads
	Doctor    = "doctor"    // verifies integrations again
	Vending   = "vending"   // exchanges tokens
	Notifier  = "notifier"  // sends notifications
	Compactor = "compactor" // merges segments; reads no rows for anyone
	Archiver  = "archiver"  // moves old audit entries to files
)

// permitted reports whether a component may do an action.
func permitted(component string, action Action) bool {
	switch component {
	case Setup, Demo:
		return true
	case Scheduler:
		return oneOf(action, ScheduleRead, ScheduleList, LoadCreate)
	case Events:
		return oneOf(action, SourceRead, SourceList, IntegrationUse, LoadCreate)
	case Loader:
		return oneOf(action, LoadRun, LoadRead, SourceRead, SourceObjects, DatasetCreate, DatasetRead, DatasetUpdate,
			DataWrite, IntegrationRead, IntegrationUse, CredentialUse)
	case Doctor:
		return oneOf(action, IntegrationRead, IntegrationList, IntegrationVerify, IntegrationUpdate, IntegrationUse,
			CredentialUse)
	case Vending:
		return oneOf(action, GrantRead, GrantList, GrantUse, ProviderRead, ProviderList, IntegrationUse)
	case Notifier:
		return oneOf(action, NotificationRead, NotificationList)
	default:
		return false
	}
}

func oneOf(action Action, actions ...Action) bool { return slices.Contains(actions, action) }
