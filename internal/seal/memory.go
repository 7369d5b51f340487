package seal

import (
	"crypto/sha256"
	"sync"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"
)

const (
	cacheTime  = 5 * time.Minute // of a key that a service decrypted
	maxEntries = 1024
)

// memory caches keys that a service decrypted. A load needs the secret of an
// access key at each request. Each entry is the key of one secret.
type memory struct {
	tink.AEAD
	now func() time.Time

	mu      sync.Mutex
	entries map[[sha256.Size]byte]opened
}

type opened struct {
	key   []byte
	until time.Time
}

// cached adds a cache to a key, if there is a clock.
func cached(key tink.AEAD, now func() time.Time) tink.AEAD {
	if now == nil {
		return key
	}
	return &memory{AEAD: key, now: now, entries: map[[sha256.Size]byte]opened{}}
}

// Decrypt calls the service, unless the key is cached.
func (m *memory) Decrypt(cipher, associated []byte) ([]byte, error) {
	name := sha256.Sum256(cipher)
	if key, ok := m.find(name); ok {
		return key, nil
	}
	key, err := m.AEAD.Decrypt(cipher, associated)
	if err == nil {
		m.store(name, key)
	}
	return key, err
}

func (m *memory) find(name [sha256.Size]byte) ([]byte, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found, ok := m.entries[name]
	if !ok || !m.now().Before(found.until) {
		delete(m.entries, name)
		return nil, false
	}
	return found.key, true
}

func (m *memory) store(name [sha256.Size]byte, key []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for old := range m.entries {
		if len(m.entries) < maxEntries {
			break
		}
		delete(m.entries, old)
	}
	m.entries[name] = opened{key, m.now().Add(cacheTime)}
}
