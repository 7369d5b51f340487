package backup

import (
	"context"
	"crypto/rand"
	"encoding/json"
	"errors"

	"github.com/tink-crypto/tink-go/v2/aead/subtle"
	"golang.org/x/crypto/argon2"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
)

// Key describes where the master key is.
type Key struct {
	Where   string `json:"where"`             // "file", "settings" or "service"
	Address string `json:"address,omitempty"` // of the file or the service
	// Check is a text that the key sealed; [CheckOwner] is its owner.
	Check []byte `json:"check"`

	// Text is the key itself, if the backup includes it, sealed with Passphrase.
	Text       secret.String `json:"-"`
	Passphrase secret.String `json:"-"`
}

// The text that is sealed to recognize the master key.
const (
	CheckOwner = "backup/key"
	CheckText  = "windlass"
)

// minPassphrase is the length of a passphrase, in bytes. It is guessed offline.
const minPassphrase = 12

// sealedKey is a master key under a passphrase.
type sealedKey struct {
	KDF     string `json:"kdf"` // "argon2id"
	Time    uint32 `json:"time"`
	Memory  uint32 `json:"memory_kib"`
	Threads uint8  `json:"threads"`
	Salt    []byte `json:"salt"`
	Sealed  []byte `json:"sealed"` // AES-256-GCM, the nonce first
}

// The cost of a guess, above the second choice of RFC 9106.
const (
	kdfName    = "argon2id"
	kdfTime    = 3
	kdfMemory  = 128 << 10 // KiB
	kdfThreads = 4
	kdfBytes   = 32
	maxMemory  = 1 << 20 // KiB, of a file that someone may have changed
	maxTime    = 16
)

// writeKey writes the location of the key and, if requested, the key sealed with
// its passphrase.
func (m *maker) writeKey(ctx context.Context) error {
	text, err := json.Marshal(&m.source.Key)
	if err == nil {
		err = m.add(ctx, keyName, text)
	}
	if err != nil || m.source.Key.Text.IsZero() {
		return err
	}
	sealed, err := sealKey(m.source.Key.Text, m.source.Key.Passphrase)
	if err != nil {
		return err
	}
	return m.add(ctx, sealedKeyName, sealed)
}

// CheckPassphrase returns an error if a passphrase is too short.
func CheckPassphrase(passphrase secret.String) error {
	if len(passphrase.Reveal()) < minPassphrase {
		return problem.New(problem.Invalid, "The passphrase has fewer than %d characters.", minPassphrase).
			WithHint("Set WINDLASS_BACKUP_PASSPHRASE, or WINDLASS_BACKUP_PASSPHRASE_FILE, to a longer one, and " +
				"store it separately from the backups.")
	}
	return nil
}

func sealKey(key, passphrase secret.String) ([]byte, error) {
	if err := CheckPassphrase(passphrase); err != nil {
		return nil, err
	}
	k := sealedKey{KDF: kdfName, Time: kdfTime, Memory: kdfMemory, Threads: kdfThreads, Salt: make([]byte, 16)}
	_, _ = rand.Read(k.Salt) // crypto/rand.Read never returns an error
	cipher, err := subtle.NewAESGCM(k.derive(passphrase))
	if err != nil {
		return nil, err
	}
	if k.Sealed, err = cipher.Encrypt([]byte(key.Reveal()), []byte(CheckOwner)); err != nil {
		return nil, err
	}
	return json.Marshal(k)
}

func (k *sealedKey) derive(passphrase secret.String) []byte {
	return argon2.IDKey([]byte(passphrase.Reveal()), k.Salt, k.Time, k.Memory, k.Threads, kdfBytes)
}

// openKey returns a key that sealKey sealed.
func openKey(text []byte, passphrase secret.String) (secret.String, error) {
	var k sealedKey
	if err := json.Unmarshal(text, &k); err != nil {
		return secret.String{}, err
	}
	if k.KDF != kdfName || k.Time == 0 || k.Time > maxTime || k.Memory > maxMemory || k.Threads == 0 {
		return secret.String{}, errors.New("the sealed key is damaged or from a newer release")
	}
	cipher, err := subtle.NewAESGCM(k.derive(passphrase))
	if err != nil {
		return secret.String{}, err
	}
	key, err := cipher.Decrypt(k.Sealed, []byte(CheckOwner))
	if err != nil {
		return secret.String{}, problem.New(problem.Conflict, "The passphrase doesn't open the master key of this backup.").
			WithHint("Set WINDLASS_BACKUP_PASSPHRASE to the passphrase that the backup was made with.")
	}
	return secret.New(string(key)), nil
}

// parseKey parses the output of writeKey.
func parseKey(text []byte, where *Key) error {
	if err := json.Unmarshal(text, where); err != nil {
		return problem.Wrap(err, problem.Refused, "%s of this snapshot is damaged.", keyName)
	}
	return nil
}
