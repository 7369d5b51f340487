package config

import (
	"slices"
	"strings"
)

// The roles of a node, in the order in which they are listed.
const (
	RoleServe    = "serve"    // API, console, delivery, vending, sign-in
	RoleLoad     = "load"     // loads and bucket events
	RoleSchedule = "schedule" // schedules, due verifications, backups, cleaning
)

// NodeRoles returns the roles of the node; all of them if the setting is empty.
func (c *Config) NodeRoles() []string {
	all := []string{RoleServe, RoleLoad, RoleSchedule}
	if strings.TrimSpace(c.Roles) == "" {
		return all
	}
	return slices.DeleteFunc(all, func(role string) bool { return !slices.Contains(c.listedRoles(), role) })
}

// HasRole reports whether the node has a role.
func (c *Config) HasRole(role string) bool { return slices.Contains(c.NodeRoles(), role) }

func (c *Config) listedRoles() []string {
	listed := strings.Split(c.Roles, ",")
	for i := range listed {
		listed[i] = strings.TrimSpace(listed[i])
	}
	return listed
}

// checkRoles validates the roles. A node without one of the roles needs other nodes,
// and so a shared state and shared rows.
func (c *Config) checkRoles(add func(name, message string)) {
	if strings.TrimSpace(c.Roles) == "" {
		return
	}
	for _, role := range c.listedRoles() {
		if role != RoleServe && role != RoleLoad && role != RoleSchedule {
			add("roles", "isn't a list of serve, load and schedule, separated by commas")
			return
		}
	}
	shared := strings.HasPrefix(c.Database, "postgres") && c.RemoteRows()
	if len(c.NodeRoles()) < 3 && !shared {
		add("roles", "needs database and rows in PostgreSQL, because other nodes must have the remaining roles")
	}
}
