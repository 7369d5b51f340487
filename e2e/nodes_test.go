package e2e

import (
	"bytes"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"os"
	"path/filepath"
	"strings"
	"sync"
	"syscall"
	"testing"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/windlass-io/windlass/client"
)

// fleet is three nodes with their own PostgreSQL, which stores the state and the
// rows.
type fleet struct {
	database cluster
	cloud    rehearsal
	owner    account
	nodes    [3]service
	env      []string
}

// nodeRows is the number of rows of a load.
const nodeRows = 100_000

// TestThreeNodes runs three nodes through a simultaneous first start, loads on one
// node that others read, the killing of a node, a node that is stopped and continued,
// and a restart of the database.
func TestThreeNodes(t *testing.T) {
	t.Parallel()
	f := &fleet{database: newCluster(t), cloud: rehearse(t)}
	f.owner = f.cloud.accounts["customer"]
	f.env = []string{
		"WINDLASS_DATABASE=" + f.database.address, "WINDLASS_ROWS=" + f.database.address,
		"WINDLASS_MASTER_KEY=" + strings.Repeat("ab", 32), "WINDLASS_ADMIN_LISTEN=off", "WINDLASS_LOADS=1",
	}
	putRows(t, f.cloud, f.owner, nodeRows)
	f.race(t)
	f.share(t)
	f.revoke(t)
	f.kill(t)
	f.freeze(t)
	f.restartDatabase(t)
}

// race starts all nodes at once on an empty database: one creates the owner, and
// all of them serve.
func (f *fleet) race(t *testing.T) {
	t.Helper()
	var started []*process
	var dirs, addresses []string
	for range f.nodes {
		dir, address := t.TempDir(), freeAddress(t)
		p := f.launch(t, dir, address)
		started, dirs, addresses = append(started, p), append(dirs, dir), append(addresses, address)
	}
	var tokens []string
	for i, address := range addresses {
		waitFor(t, "node "+address, func() bool { return isReady(t, address) })
		text, err := os.ReadFile(filepath.Join(dirs[i], "first-token"))
		if err == nil {
			tokens = append(tokens, strings.TrimSpace(string(text)))
		}
	}
	if len(tokens) != 1 {
		t.Fatalf("%d nodes made a first token, want one", len(tokens))
	}
	var owners, workspaces int
	f.database.query(t, &owners, "SELECT COUNT(*) FROM member")
	f.database.query(t, &workspaces, "SELECT COUNT(*) FROM workspace")
	if owners != 1 || workspaces != 1 {
		t.Fatalf("there are %d members and %d workspaces, want one each", owners, workspaces)
	}
	for i, address := range addresses {
		f.nodes[i] = newService(t, started[i], address, tokens[0])
	}
}

// share loads at one node; the others have every row as soon as the load has ended.
func (f *fleet) share(t *testing.T) {
	t.Helper()
	a := f.nodes[0]
	key, err := a.AddCredential(t.Context(), client.CredentialSpec{
		AccessKeyID: f.owner.AccessKeyID, SecretAccessKey: f.owner.SecretAccessKey,
	})
	if err != nil {
		t.Fatal(err)
	}
	for name, pattern := range map[string]string{
		"small": "part-0.csv", "large": "*.csv", "frozen": "*.csv", "restarted": "*.csv",
	} {
		_, err := a.CreateSource(t.Context(), client.SourceSpec{
			Name: name, Credential: key.ID, Bucket: "large", Pattern: pattern,
		})
		if err != nil {
			t.Fatal(err)
		}
	}
	if loaded := load(t, a, "small"); loaded.State != "loaded" {
		t.Fatalf("%+v", loaded)
	}
	for _, node := range f.nodes {
		expectRows(t, node, "small", nodeRows/2)
		if n := countRowsIn(t, node, "small", "r0000007"); n != 1 {
			t.Errorf("a row that another node loaded is there %d times", n)
		}
	}
}

// revoke revokes a token on one node after the others have just accepted it.
func (f *fleet) revoke(t *testing.T) {
	t.Helper()
	made, err := f.nodes[0].CreateToken(t.Context(), client.TokenSpec{
		Kind: "secret", Name: "leaked", Scopes: []client.TokenScope{{Action: "data.read", Dataset: "small"}},
	})
	if err != nil {
		t.Fatal(err)
	}
	var holders []*client.Client
	for _, node := range f.nodes {
		holder, err := client.New(client.Config{URL: node.url, Token: made.Text, Workspace: "main"})
		if err == nil {
			_, err = holder.Whoami(t.Context())
		}
		if err != nil {
			t.Fatal(err)
		}
		holders = append(holders, holder)
	}
	if err := f.nodes[0].RevokeToken(t.Context(), made.ID, "leaked"); err != nil {
		t.Fatal(err)
	}
	end := time.Now().Add(2 * time.Second)
	for i, holder := range holders {
		for late := false; ; late = time.Now().After(end) {
			if _, err := holder.Whoami(t.Context()); err != nil {
				break
			}
			if late {
				t.Fatalf("node %d still takes the token", i)
			}
			time.Sleep(20 * time.Millisecond)
		}
	}
}

// kill kills the node that runs a load; another one finishes it, with every row once.
func (f *fleet) kill(t *testing.T) {
	t.Helper()
	started, loader, remove := f.beginSlowly(t, "large")
	f.nodes[loader].kill()
	remove()
	other := f.nodes[(loader+1)%len(f.nodes)]
	f.expire(t, started.ID)
	f.expectWhole(t, other, started.ID, "large")
	again := load(t, other, "large")
	if again.Progress.Known != 2 || again.Progress.Rows != 0 {
		t.Errorf("a load of what is loaded: %+v", again)
	}
	f.nodes[loader] = f.start(t)
}

// freeze stops the node that runs a load until its claim is lost. Another
// one finishes the load, while the first still has its connections. When the first
// continues, it can't commit.
func (f *fleet) freeze(t *testing.T) {
	t.Helper()
	started, loader, remove := f.beginSlowly(t, "frozen")
	frozen := f.nodes[loader]
	if err := frozen.command.Process.Signal(syscall.SIGSTOP); err != nil {
		t.Fatal(err)
	}
	remove()
	f.expire(t, started.ID)
	other := f.nodes[(loader+1)%len(f.nodes)]
	f.expectWhole(t, other, started.ID, "frozen")
	if err := frozen.command.Process.Signal(syscall.SIGCONT); err != nil {
		t.Fatal(err)
	}
	waitFor(t, "the node to continue", func() bool { return isReady(t, strings.TrimPrefix(frozen.url, "http://")) })
	waitFor(t, "the node to run loads again", func() bool {
		l := load(t, frozen, "small")
		return l.State == "loaded" && f.runs(t, "small") == loader
	})
	f.expectWhole(t, frozen, started.ID, "frozen")
}

// restartDatabase restarts PostgreSQL while a load runs and rows are written. Nothing
// that was acknowledged is lost or doubled.
func (f *fleet) restartDatabase(t *testing.T) {
	t.Helper()
	if err := write(t.Context(), f.nodes[0], "written", "first"); err != nil {
		t.Fatal(err)
	}
	started, _, remove := f.beginSlowly(t, "restarted")
	ctx, stop := context.WithCancel(t.Context())
	acknowledged := make([][]string, len(f.nodes))
	var writers sync.WaitGroup
	for i, node := range f.nodes {
		writers.Go(func() {
			for n := 0; ctx.Err() == nil; n++ {
				id := fmt.Sprintf("w%d-%d", i, n)
				if write(ctx, node, "written", id) == nil {
					acknowledged[i] = append(acknowledged[i], id)
				} else {
					time.Sleep(200 * time.Millisecond)
				}
			}
		})
	}
	waitFor(t, "rows to be written", func() bool { return countAll(t, f.nodes[0], "written") > 3 })
	f.database.restart(t)
	remove()
	for _, node := range f.nodes {
		waitFor(
			t,
			"the node to be ready again",
			func() bool { return isReady(t, strings.TrimPrefix(node.url, "http://")) },
		)
	}
	before := countAll(t, f.nodes[0], "written")
	waitFor(t, "rows to be written again", func() bool { return countAll(t, f.nodes[0], "written") > before+3 })
	stop()
	writers.Wait()
	const expire = "UPDATE load SET claimed_until = claimed_until - 60000000 WHERE id = $1 AND "
	f.database.exec(t, expire+"state <> 'queued'", started.ID) // its end couldn't be saved
	waitFor(t, "the load to end", func() bool {
		f.database.exec(t, expire+"state = 'queued'", started.ID) // it waits before it tries again
		l, err := f.nodes[1].Load(t.Context(), started.ID)
		return err == nil && l.Ended()
	})
	f.expectWhole(t, f.nodes[1], started.ID, "restarted")
	for i, ids := range acknowledged {
		for _, id := range ids {
			if n := countRowsIn(t, f.nodes[i], "written", id); n != 1 {
				t.Errorf("the row %s was acknowledged and is there %d times", id, n)
			}
		}
	}
}

// beginSlowly starts a load of two objects, the second of which arrives slowly, and
// waits until a node has read rows of it.
func (f *fleet) beginSlowly(t *testing.T, name string) (started client.Load, loader int, remove func()) {
	t.Helper()
	remove = f.cloud.breakIt(t, `{"kind":"slow","bucket":"large","key":"part-1.csv","delay":"200ms"}`)
	started, err := f.nodes[1].StartLoad(t.Context(), client.LoadSpec{Source: name, Dataset: name})
	if err != nil {
		t.Fatal(err)
	}
	waitFor(t, "rows to be read", func() bool {
		l, err := f.nodes[1].Load(t.Context(), started.ID)
		if err != nil || l.Ended() {
			t.Fatalf("the load was over too soon: %+v, %v", l, err)
		}
		return l.Progress.Rows > 0
	})
	return started, f.runs(t, name), remove
}

// runs returns which node ran, or runs, the last load of a dataset.
func (f *fleet) runs(t *testing.T, dataset string) int {
	t.Helper()
	var worker string
	f.database.query(t, &worker, "SELECT worker FROM load WHERE dataset = $1 ORDER BY id DESC LIMIT 1", dataset)
	for i, node := range f.nodes {
		if node.id == worker {
			return i
		}
	}
	t.Fatalf("the load of %s is run by %q, which is no node", dataset, worker)
	return 0
}

// expire moves the claim of a load and the heartbeat of its node a minute into the
// past in the database, as if that time had passed.
func (f *fleet) expire(t *testing.T, loadID string) {
	t.Helper()
	var worker string
	f.database.query(t, &worker, "SELECT worker FROM load WHERE id = $1", loadID)
	f.database.exec(t, "UPDATE load SET claimed_until = claimed_until - 60000000 WHERE id = $1", loadID)
	f.database.exec(t, "UPDATE node SET seen_at = seen_at - 60000000 WHERE id = $1", worker)
}

// expectWhole waits for a load and checks that every row exists once.
func (f *fleet) expectWhole(t *testing.T, node service, loadID, dataset string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), patience)
	defer cancel()
	ended, err := node.WaitLoad(ctx, loadID, nil)
	if err != nil || ended.State != "loaded" || ended.Attempt < 2 {
		t.Fatalf("%s: %+v, %v", dataset, ended, err)
	}
	expectRows(t, node, dataset, nodeRows)
	for _, id := range []string{"r0000000", fmt.Sprintf("r%07d", nodeRows-1)} {
		if n := countRowsIn(t, node, dataset, id); n != 1 {
			t.Errorf("the row %s of %s is there %d times", id, dataset, n)
		}
	}
}

// start starts another node.
func (f *fleet) start(t *testing.T) service {
	t.Helper()
	address := freeAddress(t)
	p := f.launch(t, t.TempDir(), address)
	waitFor(t, "one more node", func() bool { return isReady(t, address) })
	return newService(t, p, address, f.nodes[0].token)
}

func (f *fleet) launch(t *testing.T, dir, address string) *process {
	t.Helper()
	return launch(t, append([]string{
		"AWS_ACCESS_KEY_ID=" + f.owner.AccessKeyID, "AWS_SECRET_ACCESS_KEY=" + f.owner.SecretAccessKey,
		"AWS_SESSION_TOKEN=",
	}, f.env...), "serve", "--listen", address, "--dir", dir, "--aws-endpoint", f.cloud.endpoint, "--memory", "256MiB")
}

// newService returns a node that is ready, with the token of the owner.
func newService(t *testing.T, p *process, address, token string) service {
	t.Helper()
	api, err := client.New(client.Config{URL: "http://" + address, Token: token, Workspace: "main"})
	if err != nil {
		t.Fatal(err)
	}
	_, id := readiness(t, address)
	return service{p, api, "http://" + address, token, id}
}

func isReady(t *testing.T, address string) bool {
	t.Helper()
	ok, _ := readiness(t, address)
	return ok
}

// readiness returns the result of /readyz and the node's ID.
func readiness(t *testing.T, address string) (ok bool, id string) {
	t.Helper()
	ctx, cancel := context.WithTimeout(t.Context(), 5*time.Second)
	defer cancel()
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, "http://"+address+"/readyz", nil)
	if err != nil {
		t.Fatal(err)
	}
	answer, err := http.DefaultClient.Do(request)
	if err != nil {
		return false, ""
	}
	defer answer.Body.Close()
	var report struct{ Node string }
	if err := json.NewDecoder(answer.Body).Decode(&report); err != nil {
		return false, ""
	}
	return answer.StatusCode == http.StatusOK, report.Node
}

// write writes one row, and waits until it is acknowledged.
func write(ctx context.Context, node service, dataset, id string) error {
	ctx, cancel := context.WithTimeout(ctx, 10*time.Second)
	defer cancel()
	_, err := node.WriteRows(
		ctx,
		dataset,
		strings.NewReader(`[{"id":"`+id+`"}]`),
		client.RowWrite{Create: true, Key: "id"},
	)
	return err
}

// countAll returns the number of rows of a dataset, or -1 if they can't be read.
func countAll(t *testing.T, node service, dataset string) int {
	t.Helper()
	body, err := node.Data(t.Context(), dataset, nil, url.Values{"limit": {"10000"}, "format": {"csv"}})
	if err != nil {
		return -1
	}
	defer body.Close()
	text, err := io.ReadAll(body)
	if err != nil {
		return -1
	}
	return bytes.Count(text, []byte("\n")) - 1
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

// query reads one value from the database.
func (c cluster) query(t *testing.T, into any, query string, args ...any) {
	t.Helper()
	c.connect(t, func(db *pgx.Conn) error { return db.QueryRow(t.Context(), query, args...).Scan(into) })
}

func (c cluster) exec(t *testing.T, query string, args ...any) {
	t.Helper()
	c.connect(t, func(db *pgx.Conn) error { _, err := db.Exec(t.Context(), query, args...); return err })
}

func (c cluster) connect(t *testing.T, do func(*pgx.Conn) error) {
	t.Helper()
	db, err := pgx.Connect(t.Context(), c.address)
	if err != nil {
		t.Fatal(err)
	}
	defer func() { _ = db.Close(t.Context()) }()
	if err := do(db); err != nil {
		t.Fatal(err)
	}
}
