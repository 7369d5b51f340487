// Package directory stores the identities of a sandbox: accounts, users,
// roles, groups, policies, providers, access keys and sessions.
//
// Rows never change once they are in a table: to change one, put a changed
// copy. So rows from a transaction can be read after it ended, from any
// goroutine.
package directory

import (
	"encoding/json"
	"fmt"
	"strings"
	"sync"
	"sync/atomic"
	"time"

	"github.com/windlass-io/windlass/iam"
	"github.com/windlass-io/windlass/internal/sandbox/journal"
)

// Journal stores committed changes.
type Journal interface {
	// Append adds records atomically, after all previous ones. The returned
	// function waits until they are on disk.
	Append(records ...journal.Record) (wait func() error)
}

// Config configures a directory. The zero value keeps everything in memory, and
// changes take effect at once.
type Config struct {
	Journal Journal              // nil: everything stays in memory
	Lag     func() time.Duration // how long changes take to reach decisions; nil: no time
	Now     func() time.Time     // required with Lag
}

func (c *Config) lag() time.Duration {
	if c.Lag == nil {
		return 0
	}
	return c.Lag()
}

// Directory is all identities of all accounts. It is safe for concurrent use.
type Directory struct {
	config  Config
	denyAll *iam.Compiled // allows nothing
	mu      sync.RWMutex
	tables  tables
	history []moment // oldest first; only while changes take time to propagate
	// by account ID; replaced whole, so that decisions within a transaction can read it
	places atomic.Pointer[map[string]*place]
}

type tables struct {
	accounts  table[Account]
	users     table[User]
	roles     table[Role]
	groups    table[Group]
	policies  table[Policy]
	providers table[Provider]
	profiles  table[InstanceProfile]
	keys      table[AccessKey]
	sessions  table[Session]
	master    table[MasterKey]

	organizations table[Organization]
	units         table[Unit]
	members       table[Member]
	controls      table[ControlPolicy]
	handshakes    table[Handshake]
}

// Prefix begins the key of every record that a directory writes.
const Prefix = "iam/"

// New returns an empty directory.
func New(config Config) (*Directory, error) {
	denyAll, err := NewDocument(
		iam.Session,
		`{"Version":"2012-10-17","Statement":{"Effect":"Allow","NotAction":"*","Resource":"*"}}`,
	)
	if err != nil {
		return nil, fmt.Errorf("parsing the policy that denies everything: %w", err)
	}
	d := &Directory{config: config, denyAll: denyAll.compiled}
	return d, d.addManaged()
}

// Load restores one record of the journal.
func (d *Directory) Load(record journal.Record) error {
	kind, key, _ := strings.Cut(strings.TrimPrefix(record.Key, Prefix), "/")
	var err error
	switch t := &d.tables; kind {
	case "account":
		err = load(&t.accounts, key, record.Value)
	case "user":
		err = load(&t.users, key, record.Value)
	case "role":
		err = load(&t.roles, key, record.Value)
	case "group":
		err = load(&t.groups, key, record.Value)
	case "policy":
		err = load(&t.policies, key, record.Value)
	case "provider":
		err = load(&t.providers, key, record.Value)
	case "profile":
		err = load(&t.profiles, key, record.Value)
	case "key":
		err = load(&t.keys, key, record.Value)
	case "session":
		err = load(&t.sessions, key, record.Value)
	case "master":
		err = load(&t.master, key, record.Value)
	case "organization":
		err = load(&t.organizations, key, record.Value)
	case "unit":
		err = load(&t.units, key, record.Value)
	case "member":
		err = load(&t.members, key, record.Value)
	case "control":
		err = load(&t.controls, key, record.Value)
	case "handshake":
		err = load(&t.handshakes, key, record.Value)
	default:
		return fmt.Errorf("record %q is of an unknown kind", record.Key)
	}
	if err != nil {
		return fmt.Errorf("reading record %q: %w", record.Key, err)
	}
	return nil
}

func load[T any](t *table[T], key string, value []byte) error {
	row := new(T)
	if err := json.Unmarshal(value, row); err != nil {
		return err
	}
	t.rows.Set(key, row)
	return nil
}

// Tx is a snapshot of the directory, and in [Directory.Update] the way to
// change it.
type Tx struct {
	Accounts   Rows[Account]         // by account ID and ""
	Users      Rows[User]            // by account and name
	Roles      Rows[Role]            // by account and name
	Groups     Rows[Group]           // by account and name
	Policies   Rows[Policy]          // by account and name
	Providers  Rows[Provider]        // by account and URL without scheme
	Profiles   Rows[InstanceProfile] // by account and name
	Keys       Rows[AccessKey]       // by "" and access key ID
	Sessions   Rows[Session]         // by "" and access key ID
	MasterKeys Rows[MasterKey]       // by account and region/ID

	Organizations Rows[Organization]  // by "" and ID
	Units         Rows[Unit]          // by organization and ID
	Members       Rows[Member]        // by "" and account ID
	Controls      Rows[ControlPolicy] // by organization and ID
	Handshakes    Rows[Handshake]     // by "" and ID

	denyAll *iam.Compiled
	places  *map[string]*place
	records []journal.Record
	undo    []func()
	err     error
	stale   []string // sessions to forget
}

func (d *Directory) begin() *Tx { return d.view(&d.tables) }

func (d *Directory) view(t *tables) *Tx {
	tx := &Tx{denyAll: d.denyAll, places: d.places.Load()}
	tx.Accounts = Rows[Account]{tx, &t.accounts, "account"}
	tx.Users = Rows[User]{tx, &t.users, "user"}
	tx.Roles = Rows[Role]{tx, &t.roles, "role"}
	tx.Groups = Rows[Group]{tx, &t.groups, "group"}
	tx.Policies = Rows[Policy]{tx, &t.policies, "policy"}
	tx.Providers = Rows[Provider]{tx, &t.providers, "provider"}
	tx.Profiles = Rows[InstanceProfile]{tx, &t.profiles, "profile"}
	tx.Keys = Rows[AccessKey]{tx, &t.keys, "key"}
	tx.Sessions = Rows[Session]{tx, &t.sessions, "session"}
	tx.MasterKeys = Rows[MasterKey]{tx, &t.master, "master"}
	tx.Organizations = Rows[Organization]{tx, &t.organizations, "organization"}
	tx.Units = Rows[Unit]{tx, &t.units, "unit"}
	tx.Members = Rows[Member]{tx, &t.members, "member"}
	tx.Controls = Rows[ControlPolicy]{tx, &t.controls, "control"}
	tx.Handshakes = Rows[Handshake]{tx, &t.handshakes, "handshake"}
	return tx
}

// View reads the directory. fn must not put or delete.
func (d *Directory) View(fn func(tx *Tx) error) error {
	d.mu.RLock()
	defer d.mu.RUnlock()
	return fn(d.begin())
}

// Update changes the directory: completely if fn returns nil, otherwise not at
// all. It returns once the change is durable.
func (d *Directory) Update(fn func(tx *Tx) error) error {
	wait, err := d.commit(fn)
	if err != nil {
		return err
	}
	return wait()
}

func (d *Directory) commit(fn func(tx *Tx) error) (wait func() error, err error) {
	d.mu.Lock()
	defer d.mu.Unlock()
	lag := d.config.lag()
	var before tables
	if lag > 0 && len(d.history) == 0 {
		before = d.tables.copy()
	}
	tx := d.begin()
	if err := fn(tx); err != nil {
		tx.rollback()
		return nil, err
	}
	if tx.err != nil {
		tx.rollback()
		return nil, tx.err
	}
	if d.places.Load() == nil || tx.reorganizes() {
		d.publishPlaces()
	}
	if lag == 0 {
		d.history = nil
	} else {
		d.remember(&before, d.config.Now(), lag)
	}
	if d.config.Journal == nil || len(tx.records) == 0 {
		return func() error { return nil }, nil
	}
	return d.config.Journal.Append(tx.records...), nil
}

func (tx *Tx) rollback() {
	for i := len(tx.undo) - 1; i >= 0; i-- {
		tx.undo[i]()
	}
}
