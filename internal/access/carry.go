package access

import "slices"

// scopeCarriers has the scopes that allow actions on everything. The three data
// scopes depend on the dataset.
var scopeCarriers = map[Action]carrier{
	DataQuery: carryQuery, ScopeLoad: carryLoad, ScopeManage: carryManage, ScopeAudit: carryAudit,
	ScopeMetrics: carryMetrics,
}

var dataCarriers = map[Action]carrier{DataRead: carryRead, DataWrite: carryWrite, DataDelete: carryDelete}

// carried reports whether one of the token's scopes carries the action.
func carried(actor Actor, action Action, r *rule, resource Resource) bool {
	if actor.Kind == Publishable && !publishableActions(action) {
		return false
	}
	return r.carries(anySecret) && actor.Kind == Secret && len(actor.Scopes) > 0 ||
		slices.ContainsFunc(actor.Scopes, func(s Scope) bool { return s.carries(actor.Kind, action, r, resource) })
}

// publishableActions reports whether publishable tokens can perform the
// action at all: they read and write rows, and describe the datasets that
// they name.
func publishableActions(a Action) bool {
	return a == DataRead || a == DataWrite || a == DataDelete || a == DatasetRead || a == ViewRead
}

func (s Scope) carries(kind Kind, action Action, r *rule, resource Resource) bool {
	if !s.Named() {
		c, ok := scopeCarriers[s.Action]
		return ok && r.carries(c)
	}
	if !r.carries(dataCarriers[s.Action]) || kind == Publishable && s.Action != DataRead && s.Dataset == Every {
		return false
	}
	switch action {
	case DatasetList, ViewList:
		return true
	case DatasetCreate:
		return s.Dataset == Every
	default:
		return (resource.Kind == "dataset" || resource.Kind == "view") && resource.ID != "" &&
			(s.Dataset == Every || s.Dataset == resource.ID)
	}
}
