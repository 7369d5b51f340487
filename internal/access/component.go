package access

import "slices"

// The components of the service that act by themselves, as the ID of a System
// actor. Each may do its own work and no other, in any workspace.
const (
	Setup     = "setup"     // first start and the demo's first steps
	Demo      = "demo"      // the walk through the main job
	Scheduler = "scheduler" // starts loads
	Loader    = "loader"    // runs loads
	Doctor    = "doctor"    // verifies integrations again
	Vending   = "vending"   // exchanges tokens
)

// permitted says what a component may do.
func permitted(component string, action Action) bool {
	switch component {
	case Setup, Demo:
		return true
	case Scheduler:
		return oneOf(action, ScheduleRead, ScheduleList, ScheduleUpdate, LoadCreate)
	case Loader:
		return oneOf(action, LoadRun, LoadRead, SourceRead, SourceObjects, DatasetCreate, DatasetRead, DatasetUpdate, DataWrite,
			IntegrationRead, IntegrationUse, CredentialUse)
	case Doctor:
		return oneOf(action, IntegrationRead, IntegrationList, IntegrationVerify, IntegrationUpdate, IntegrationUse, CredentialUse)
	case Vending:
		return oneOf(action, GrantRead, GrantList, GrantUse, ProviderList, IntegrationUse)
	default:
		return false
	}
}

func oneOf(action Action, actions ...Action) bool { return slices.Contains(actions, action) }
