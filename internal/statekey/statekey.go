// Package statekey encrypts values that clients send back later, such as cursors,
// with a random key in the state database. All nodes share the key. It is sealed
// with the master key. If it can't be opened any more, a new key replaces it, and
// earlier values become invalid.
package statekey

import (
	"context"
	"crypto/cipher"
	"crypto/rand"
	"errors"
	"sync"
	"time"

	"golang.org/x/crypto/chacha20poly1305"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
)

// Store stores sealed keys.
type Store interface {
	// StateKey returns the sealed key with a name, or nil if there is none.
	StateKey(ctx context.Context, name string) ([]byte, error)
	// ReplaceStateKey replaces the sealed key with a name, if it still is old;
	// nil means that there is none.
	ReplaceStateKey(ctx context.Context, name string, old, sealed []byte, now time.Time) error
}

// Sealer seals keys; *seal.Sealer implements it.
type Sealer interface {
	Seal(plain secret.String, owner string) ([]byte, error)
	Open(sealed []byte, owner string) (secret.String, error)
}

// Config configures a [Box]. Every field is required.
type Config struct {
	Name   string // of the key
	Store  Store
	Sealer Sealer
	Now    func() time.Time
}

// Box encrypts and decrypts. It is safe for concurrent use.
type Box struct {
	config Config

	mu   sync.Mutex
	aead cipher.AEAD // nil until it is needed
}

// New returns a box. It reads the key on first use.
func New(config Config) *Box { return &Box{config: config} }

// Seal encrypts and authenticates a text.
func (b *Box) Seal(ctx context.Context, plain []byte) ([]byte, error) {
	aead, err := b.open(ctx)
	if err != nil {
		return nil, err
	}
	nonce := make([]byte, aead.NonceSize(), aead.NonceSize()+len(plain)+aead.Overhead())
	_, _ = rand.Read(nonce) // crypto/rand.Read never returns an error
	return aead.Seal(nonce, nonce, plain, []byte(b.config.Name)), nil
}

// Open decrypts the result of Seal. For anything else, the error is a problem
// with code invalid.
func (b *Box) Open(ctx context.Context, sealed []byte) ([]byte, error) {
	aead, err := b.open(ctx)
	if err != nil {
		return nil, err
	}
	if len(sealed) >= aead.NonceSize() {
		nonce, body := sealed[:aead.NonceSize()], sealed[aead.NonceSize():]
		if plain, err := aead.Open(nil, nonce, body, []byte(b.config.Name)); err == nil {
			return plain, nil
		}
	}
	return nil, problem.New(problem.Invalid, "The text wasn't sealed by this service.")
}

// open returns the cipher. The first call reads the key, or creates it.
func (b *Box) open(ctx context.Context) (cipher.AEAD, error) {
	b.mu.Lock()
	defer b.mu.Unlock()
	if b.aead != nil {
		return b.aead, nil
	}
	key, err := b.read(ctx)
	if err != nil {
		return nil, err
	}
	b.aead, err = chacha20poly1305.NewX(key)
	return b.aead, err
}

// attempts limits how often it tries to create a key before another node's
// must exist.
const attempts = 3

func (b *Box) read(ctx context.Context) ([]byte, error) {
	owner := "statekey/" + b.config.Name
	for range attempts {
		sealed, err := b.config.Store.StateKey(ctx, b.config.Name)
		if err != nil {
			return nil, err
		}
		if sealed != nil {
			text, err := b.config.Sealer.Open(sealed, owner)
			if key := []byte(text.Reveal()); err == nil && len(key) == chacha20poly1305.KeySize {
				return key, nil
			}
			if problem.Is(err, problem.Unavailable) {
				return nil, err
			}
		}
		var fresh [chacha20poly1305.KeySize]byte
		_, _ = rand.Read(fresh[:]) // never fails, as above
		made, err := b.config.Sealer.Seal(secret.New(string(fresh[:])), owner)
		if err != nil {
			return nil, err
		}
		if err := b.config.Store.ReplaceStateKey(ctx, b.config.Name, sealed, made, b.config.Now()); err != nil {
			return nil, err
		}
	}
	return nil, errors.New("the key of the state changed several times in a row")
}
