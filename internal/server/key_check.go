package server

import (
	"context"
	"errors"
	"io/fs"
	"os"
	"time"

	"golang.org/x/sync/singleflight"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/seal"
	"github.com/windlass-io/windlass/internal/secret"
	"github.com/windlass-io/windlass/internal/store"
)

// A state that several nodes share has a sealed constant. A node that can't open
// it has another master key, and could neither read the secrets of the other nodes
// nor write any that they can read.
const (
	checkName  = "master-key-check"
	checkOwner = "statekey/" + checkName
	checkText  = "windlass"
)

// keyCheck compares the master key of a node with that of the state.
type keyCheck struct {
	store  *store.Store
	sealer *seal.Sealer
	now    func() time.Time

	flight singleflight.Group // of check
	sealed []byte             // for a SQLite state, which has no constant: sealed by the first check
}

// check returns an error if the master key doesn't open the constant before ctx ends.
// Concurrent checks share one.
func (k *keyCheck) check(ctx context.Context) error {
	result := k.flight.DoChan(checkName, func() (any, error) {
		return nil, k.open(context.WithoutCancel(ctx))
	})
	select {
	case r := <-result:
		return r.Err
	case <-ctx.Done():
		return errors.New("the service of the master key didn't respond in time")
	}
}

// open opens the constant.
func (k *keyCheck) open(ctx context.Context) error {
	sealed, err := k.store.StateKey(ctx, checkName)
	if err == nil && sealed == nil {
		if k.sealed == nil {
			k.sealed, err = k.sealer.Seal(secret.New(checkText), checkOwner)
		}
		sealed = k.sealed
	}
	if err != nil {
		return err
	}
	text, err := k.sealer.Open(sealed, checkOwner)
	if err == nil && text.Reveal() != checkText {
		err = errors.New("the sealed constant has another text")
	}
	return err
}

// verify returns an error if the master key isn't the state's. A state without a
// key gets this one.
func (k *keyCheck) verify(ctx context.Context) error {
	if k.store.Dialect() == store.SQLite {
		return nil // the state has one node, and the key is stored next to it
	}
	sealed, err := k.store.StateKey(ctx, checkName)
	if err != nil {
		return err
	}
	if sealed == nil {
		if err := k.replace(ctx, nil); err != nil {
			return err
		}
		if sealed, err = k.store.StateKey(ctx, checkName); err != nil { // another node may have been first
			return err
		}
	}
	text, err := k.sealer.Open(sealed, checkOwner)
	switch {
	case problem.Is(err, problem.Unavailable):
		return err
	case err != nil || text.Reveal() != checkText:
		return otherKey("This node's master key doesn't match the state's.")
	default:
		return nil
	}
}

func otherKey(text string) error {
	return problem.New(problem.Conflict, "%s", text).
		WithHint("Use the same key on all nodes: copy master.key from a working node, or set WINDLASS_MASTER_KEY. " +
			"If the key is lost, run windlass master-key accept.")
}

// requireKey returns an error if the state has a master key that is missing here,
// instead of silently creating a new one that couldn't open the secrets. Call it
// before the sealer is opened.
func (s *Server) requireKey(ctx context.Context) error {
	settings := &s.config.Settings
	if s.store.Dialect() == store.SQLite || !settings.MasterKeySecret().IsZero() {
		return nil
	}
	if _, err := os.Stat(settings.MasterKeyFile()); !errors.Is(err, fs.ErrNotExist) {
		return err
	}
	sealed, err := s.store.StateKey(ctx, checkName)
	if err == nil && sealed != nil {
		err = otherKey("The state has a master key, but this node has none.")
	}
	return err
}

// AcceptMasterKey makes the configured master key the state's, after the old one
// was lost.
func AcceptMasterKey(ctx context.Context, cfg Config) (err error) {
	state, err := openState(ctx, &cfg.Settings)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, state.Close()) }()
	sealer, err := openSealer(&cfg)
	if err != nil {
		return err
	}
	old, err := state.StateKey(ctx, checkName)
	if err != nil || old == nil {
		return err
	}
	check := &keyCheck{store: state, sealer: sealer, now: cfg.Now}
	return check.replace(ctx, old)
}

// renew seals the constant with the newest master key, unless it already is.
func (k *keyCheck) renew(ctx context.Context) error {
	sealed, err := k.store.StateKey(ctx, checkName) // a SQLite state has none
	if err != nil || sealed == nil {
		return err
	}
	renewed, again, err := k.sealer.Rewrap(sealed)
	if err != nil || !again {
		return err
	}
	return k.store.ReplaceStateKey(ctx, checkName, sealed, renewed, k.now())
}

func (k *keyCheck) replace(ctx context.Context, old []byte) error {
	made, err := k.sealer.Seal(secret.New(checkText), checkOwner)
	if err != nil {
		return err
	}
	return k.store.ReplaceStateKey(ctx, checkName, old, made, k.now())
}
