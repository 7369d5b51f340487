package seal_test

import (
	"bytes"
	"os"
	"path/filepath"
	"strings"
	"testing"

	"pgregory.net/rapid"

	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/seal"
	"github.com/windlass-io/windlass/internal/secret"
)

func sealer(t *testing.T, digit string) *seal.Sealer {
	t.Helper()
	s, err := seal.New(secret.New(strings.Repeat(digit, 64)))
	if err != nil {
		t.Fatal(err)
	}
	return s
}

func TestSealedOpensForItsOwnerAlone(t *testing.T) {
	t.Parallel()
	one, other := sealer(t, "1"), sealer(t, "2")
	rapid.Check(t, func(rt *rapid.T) {
		plain := rapid.String().Draw(rt, "plain")
		owner := rapid.StringN(1, 20, -1).Draw(rt, "owner")
		sealed, err := one.Seal(secret.New(plain), owner)
		if err != nil {
			rt.Fatal(err)
		}
		if len(plain) > 3 && bytes.Contains(sealed, []byte(plain)) {
			rt.Fatal("the sealed text shows the secret")
		}
		opened, err := one.Open(sealed, owner)
		if err != nil || opened.Reveal() != plain {
			rt.Fatalf("opened %q: %v", opened.Reveal(), err)
		}
		if _, err := one.Open(sealed, owner+"x"); err == nil {
			rt.Fatal("it opens for another owner")
		}
		if _, err := other.Open(sealed, owner); err == nil {
			rt.Fatal("it opens under another master key")
		}
		i := rapid.IntRange(0, len(sealed)-1).Draw(rt, "i")
		sealed[i] ^= 1
		if _, err := one.Open(sealed, owner); err == nil {
			rt.Fatal("it opens when changed")
		}
	})
}

func TestMasterKeyIsMadeOnceAndKeptPrivate(t *testing.T) {
	t.Parallel()
	name := filepath.Join(t.TempDir(), "deep", "master.key")
	first, err := seal.MasterKey(name)
	if err != nil {
		t.Fatal(err)
	}
	second, err := seal.MasterKey(name)
	if err != nil || !first.Equal(second) || len(first.Reveal()) != 64 {
		t.Errorf("the second start has another key: %v", err)
	}
	if err := os.Chmod(name, 0o644); err != nil {
		t.Fatal(err)
	}
	if _, err := seal.MasterKey(name); !problem.Is(err, problem.Invalid) {
		t.Errorf("a key that others may read: %v", err)
	}
}

func TestWrongMasterKeys(t *testing.T) {
	t.Parallel()
	for _, key := range []string{"", "00", strings.Repeat("z", 64), strings.Repeat("0", 66)} {
		if _, err := seal.New(secret.New(key)); !problem.Is(err, problem.Invalid) {
			t.Errorf("%q: %v", key, err)
		}
	}
}
