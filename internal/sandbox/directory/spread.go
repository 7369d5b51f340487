package directory

import "time"

// moment is the directory at a point in time.
type moment struct {
	at     time.Time // when it changed to this; zero for the first
	tables tables
}

// remember keeps the directory before and after a commit while changes take
// time to propagate. The caller holds the lock.
func (d *Directory) remember(before *tables, now time.Time, lag time.Duration) {
	if len(d.history) == 0 {
		d.history = []moment{{tables: *before}}
	}
	d.history = append(d.history, moment{now, d.tables.copy()})
	for len(d.history) > 1 && !d.history[1].at.After(now.Add(-lag)) {
		d.history = d.history[1:]
	}
}

// seen returns the directory as decisions see it: users, roles, groups, policies
// and keys without the changes that haven't propagated yet, and everything else
// as it is. The caller holds the lock.
func (d *Directory) seen() *Tx {
	lag := d.config.lag()
	if lag == 0 || len(d.history) == 0 {
		return d.begin()
	}
	until := d.config.Now().Add(-lag)
	then := &d.history[0].tables
	for i := range d.history {
		if !d.history[i].at.After(until) {
			then = &d.history[i].tables
		}
	}
	tables := *then
	tables.accounts, tables.sessions, tables.master = d.tables.accounts, d.tables.sessions, d.tables.master
	return d.view(&tables)
}

// Seen reads the directory as decisions see it; see [Config.Lag]. fn must not
// put or delete.
func (d *Directory) Seen(fn func(tx *Tx) error) error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return fn(d.seen())
}

// copy returns a snapshot of the tables.
func (t *tables) copy() tables {
	return tables{
		accounts: t.accounts.copy(), users: t.users.copy(), roles: t.roles.copy(), groups: t.groups.copy(),
		policies: t.policies.copy(), providers: t.providers.copy(), profiles: t.profiles.copy(),
		keys: t.keys.copy(), sessions: t.sessions.copy(), master: t.master.copy(),
		organizations: t.organizations.copy(), units: t.units.copy(), members: t.members.copy(),
		controls: t.controls.copy(), handshakes: t.handshakes.copy(),
	}
}

func (t *table[T]) copy() table[T] { return table[T]{*t.rows.Copy()} }
