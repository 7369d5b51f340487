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
	for _, key := range []string{"", "00", strings.Repeat("z", 64), strings.Repeat("0", 66), strings.Repeat("0", 64) +
		" 00", strings.Repeat(strings.Repeat("0", 64)+"\n", 9)} {
		if _, err := seal.New(secret.New(key)); !problem.Is(err, problem.Invalid) {
			t.Errorf("%q: %v", key, err)
		}
	}
}

func TestRotation(t *testing.T) {
	t.Parallel()
	before := sealer(t, "1")
	both, err := seal.New(secret.New(strings.Repeat("2", 64) + "\n" + strings.Repeat("1", 64) + "\n"))
	if err != nil {
		t.Fatal(err)
	}
	after := sealer(t, "2")
	rapid.Check(t, func(rt *rapid.T) {
		plain := rapid.String().Draw(rt, "plain")
		sealed, err := before.Seal(secret.New(plain), "credential/1")
		if err != nil {
			rt.Fatal(err)
		}
		if opened, err := both.Open(sealed, "credential/1"); err != nil || opened.Reveal() != plain {
			rt.Fatalf("the old key does not open beside the new one: %v", err)
		}
		rewrapped, again, err := both.Rewrap(sealed)
		if err != nil || !again {
			rt.Fatalf("rewrapped: %v, %v", again, err)
		}
		if opened, err := after.Open(rewrapped, "credential/1"); err != nil || opened.Reveal() != plain {
			rt.Fatalf("the new key alone does not open: %v", err)
		}
		if _, err := after.Open(rewrapped, "credential/2"); err == nil {
			rt.Fatal("it opens for another owner")
		}
		if _, err := before.Open(rewrapped, "credential/1"); err == nil {
			rt.Fatal("the old key still opens")
		}
		if same, again, err := both.Rewrap(rewrapped); err != nil || again || !bytes.Equal(same, rewrapped) {
			rt.Fatalf("rewrapped twice: %v, %v", again, err)
		}
		if _, _, err := after.Rewrap(sealed); !problem.Is(err, problem.Internal) {
			rt.Fatalf("without the old key: %v", err)
		}
	})
}

func FuzzRewrap(f *testing.F) {
	s, err := seal.New(secret.New(strings.Repeat("1", 64)))
	if err != nil {
		f.Fatal(err)
	}
	sealed, err := s.Seal(secret.New("x"), "credential/1")
	if err != nil {
		f.Fatal(err)
	}
	f.Add(sealed)
	f.Add([]byte{0xff, 0xff, 0xff, 0xff, 0})
	f.Add([]byte{0})
	f.Fuzz(func(t *testing.T, sealed []byte) {
		if got, again, err := s.Rewrap(sealed); err == nil && (again || !bytes.Equal(got, sealed)) {
			t.Errorf("%x was rewrapped to %x", sealed, got)
		}
	})
}
