package e2e

import (
	"fmt"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/internal/store/storetest"
)

// TestNodeKilledInTheMiddleOfALoad runs two nodes with rows in PostgreSQL. One loads
// and the other reads; then the first is killed while it loads, and the second one
// finishes that load, with every row exactly once.
func TestNodeKilledInTheMiddleOfALoad(t *testing.T) {
	t.Parallel()
	address := storetest.Address(t)()
	env := []string{
		"WINDLASS_DATABASE=" + address, "WINDLASS_ROWS=" + address, "WINDLASS_MASTER_KEY=" + strings.Repeat("ab", 32),
		"WINDLASS_ADMIN_LISTEN=off",
	}
	cloud := rehearse(t)
	owner := cloud.accounts["customer"]
	putLarge(t, cloud, owner)
	a := serveAs(t, t.TempDir(), cloud, owner, "", env...)
	key, err := a.AddCredential(t.Context(), client.CredentialSpec{
		AccessKeyID: owner.AccessKeyID, SecretAccessKey: owner.SecretAccessKey,
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, pattern := range map[string]string{"small": "part-0.csv", "large": "*.csv"} {
		_, err := a.CreateSource(t.Context(), client.SourceSpec{
			Name: name, Credential: key.ID, Bucket: "large", Pattern: pattern,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	loaded := load(t, a, "small")
	remove := cloud.breakIt(t, `{"kind":"slow","bucket":"large","key":"part-1.csv","delay":"200ms"}`)
	started, err := a.StartLoad(t.Context(), client.LoadSpec{Source: "large", Dataset: "large"})
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, "rows to be read", func() bool {
		l, err := a.Load(t.Context(), started.ID)
		if err != nil || l.Ended() {
			t.Fatalf("the load was over before the node could be killed: %+v, %v", l, err)
		}
		return l.Progress.Rows > 0
	})
	b := serveAs(t, t.TempDir(), cloud, owner, a.token, env...)
	expectRows(t, b, "small", killRows/2)
	if n := countRowsIn(t, b, "small", "r0000007"); n != 1 || loaded.State != "loaded" {
		t.Errorf("a row that the other node loaded is there %d times", n)
	}
	a.kill()
	remove()

	ended, err := b.WaitLoad(t.Context(), started.ID, nil)
	if err != nil || ended.State != "loaded" || ended.Attempt < 2 {
		t.Fatalf("at the other node: %+v, %v", ended, err)
	}
	expectRows(t, b, "large", killRows)
	for _, id := range []string{"r0000000", fmt.Sprintf("r%07d", killRows-1)} {
		if n := countRows(t, b, id); n != 1 {
			t.Errorf("the row %s is there %d times", id, n)
		}
	}
	again, err := b.StartLoad(t.Context(), client.LoadSpec{Source: "large", Dataset: "large"})
	if err != nil {
		t.Fatal(err)
	}
	if again, err = b.WaitLoad(t.Context(), again.ID, nil); err != nil || again.Progress.Known != 2 ||
		again.Progress.Rows != 0 {
		t.Errorf("a load of what is loaded: %+v, %v", again, err)
	}
}

// load loads a source into a dataset of its name.
func load(t *testing.T, s service, name string) client.Load {
	t.Helper()
	started, err := s.StartLoad(t.Context(), client.LoadSpec{Source: name, Dataset: name})
	if err != nil {
		t.Fatal(err)
	}
	ended, err := s.WaitLoad(t.Context(), started.ID, nil)
	if err != nil {
		t.Fatal(err)
	}
	return ended
}

func expectRows(t *testing.T, s service, dataset string, want int64) {
	t.Helper()
	made, err := s.Dataset(t.Context(), dataset)
	if err != nil || made.Rows != want {
		t.Errorf("the dataset %s has %d rows, want %d: %v", dataset, made.Rows, want, err)
	}
}
