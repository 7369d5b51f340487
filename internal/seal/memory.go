package seal

import (
	"crypto/sha256"
	"sync"
	"time"

	"github.com/tink-crypto/tink-go/v2/tink"
)

const (
	remembered  = 5 * time.Minute // what a service decrypted; it is asked again then
	maxInMemory = 1024
)

// memory spares a service the question for a secret that is opened often: a
// load opens an access key at each request. What it keeps are the keys of
// single secrets.
type memory struct {
	tink.AEAD
	now func() time.Time

	mu   sync.Mutex
	kept map[[sha256.Size]byte]opened
}

type opened struct {
	key   []byte
	until time.Time
}

// remember puts a memory before a key; none without a clock.
func remember(key tink.AEAD, now func() time.Time) tink.AEAD {
	if now == nil {
		return key
	}
	return &memory{AEAD: key, now: now, kept: map[[sha256.Size]byte]opened{}}
}

// Decrypt asks the service, unless it answered lately.
func (m *memory) Decrypt(cipher, associated []byte) ([]byte, error) {
	name := sha256.Sum256(cipher)
	if key, ok := m.find(name); ok {
		return key, nil
	}
	key, err := m.AEAD.Decrypt(cipher, associated)
	if err == nil {
		m.keep(name, key)
	}
	return key, err
}

func (m *memory) find(name [sha256.Size]byte) ([]byte, bool) {
	m.mu.Lock()
	defer m.mu.Unlock()
	found, ok := m.kept[name]
	if !ok || !m.now().Before(found.until) {
		delete(m.kept, name)
		return nil, false
	}
	return found.key, true
}

func (m *memory) keep(name [sha256.Size]byte, key []byte) {
	m.mu.Lock()
	defer m.mu.Unlock()
	for old := range m.kept {
		if len(m.kept) < maxInMemory {
			break
		}
		delete(m.kept, old)
	}
	m.kept[name] = opened{key, m.now().Add(remembered)}
}
