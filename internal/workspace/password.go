package workspace

import (
	"context"
	"crypto/rand"
	"crypto/subtle"
	"encoding/base64"
	"fmt"
	"strings"
	"time"

	"golang.org/x/crypto/argon2"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/secret"
)

// The cost of a password's hash: OWASP's recommendation for argon2id with little
// memory. Each hash contains its cost, so the constants can change.
const (
	argonTime   = 2
	argonMemory = 19 * 1024 // KiB
	argonLanes  = 1
	argonBytes  = 32
)

// The length of a password, in bytes.
const (
	minPassword = 12
	maxPassword = 256
)

// The limits of passwords that are hashed at once, with 19 MiB each, and of
// those that wait.
const (
	maxHashing = 4
	maxWaiting = 64
)

// hasher hashes a limited number of passwords at once.
type hasher struct {
	slots chan struct{}
	queue chan struct{} // running and waiting
	dummy string        // a hash that no password has, so that unknown addresses take the same time
}

func newHasher() *hasher {
	h := &hasher{slots: make(chan struct{}, maxHashing), queue: make(chan struct{}, maxHashing+maxWaiting)}
	h.dummy = encode(make([]byte, 16), make([]byte, argonBytes))
	return h
}

// hash returns the hash of a password, or "" for an empty password.
func (h *hasher) hash(ctx context.Context, password secret.String) (string, error) {
	if password.IsZero() {
		return "", nil
	}
	if n := len(password.Reveal()); n < minPassword || n > maxPassword {
		return "", problem.New(problem.Invalid, "The password must have %d to %d bytes.", minPassword, maxPassword)
	}
	salt := make([]byte, 16)
	_, _ = rand.Read(salt) // crypto/rand.Read never returns an error
	key, err := h.derive(ctx, password, salt, argonTime, argonMemory, argonLanes)
	if err != nil {
		return "", err
	}
	return encode(salt, key), nil
}

// matches reports whether a password has this hash. It takes the same time
// without a hash.
func (h *hasher) matches(ctx context.Context, password secret.String, hash string) (bool, error) {
	known := hash != "" && len(password.Reveal()) <= maxPassword
	if !known {
		hash, password = h.dummy, secret.New("")
	}
	var passes, memory uint32
	var lanes uint8
	rest, ok := strings.CutPrefix(hash, fmt.Sprintf("$argon2id$v=%d$", argon2.Version))
	parts := strings.Split(rest, "$")
	if !ok || len(parts) != 3 {
		return false, fmt.Errorf("a password's hash isn't argon2id")
	}
	if _, err := fmt.Sscanf(parts[0], "m=%d,t=%d,p=%d", &memory, &passes, &lanes); err != nil {
		return false, fmt.Errorf("reading a password's hash: %w", err)
	}
	salt, saltErr := base64.RawStdEncoding.DecodeString(parts[1])
	want, keyErr := base64.RawStdEncoding.DecodeString(parts[2])
	if saltErr != nil || keyErr != nil || len(want) != argonBytes || passes == 0 || lanes == 0 {
		return false, fmt.Errorf("a password's hash is damaged")
	}
	got, err := h.derive(ctx, password, salt, passes, memory, lanes)
	return known && err == nil && subtle.ConstantTimeCompare(got, want) == 1, err
}

func (h *hasher) derive(
	ctx context.Context, password secret.String, salt []byte, passes, memory uint32, lanes uint8,
) ([]byte, error) {
	select {
	case h.queue <- struct{}{}:
		defer func() { <-h.queue }()
	default:
		return nil, problem.New(problem.Unavailable, "Too many people are signing in at the same time.").
			WithHint("Try again in a few seconds.").WithRetry(5 * time.Second)
	}
	select {
	case h.slots <- struct{}{}:
		defer func() { <-h.slots }()
		return argon2.IDKey([]byte(password.Reveal()), salt, passes, memory, lanes, argonBytes), nil
	case <-ctx.Done():
		return nil, ctx.Err()
	}
}

func encode(salt, key []byte) string {
	b64 := base64.RawStdEncoding.EncodeToString
	return fmt.Sprintf("$argon2id$v=%d$m=%d,t=%d,p=%d$%s$%s",
		argon2.Version, argonMemory, argonTime, argonLanes, b64(salt), b64(key))
}
