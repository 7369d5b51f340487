package main

import (
	"context"
	"errors"
	"fmt"
	"io"
	"math/rand/v2"
	"net"
	"net/http"
	"os"
	"os/exec"
	"path/filepath"
	"sync"
	"time"

	"github.com/jackc/pgx/v5"

	"github.com/windlass-io/windlass/client"
	"github.com/windlass-io/windlass/tools/rig"
)

const (
	clients  = 16
	requests = 20_000 // of each kind
	table    = "loadbench_quotes"
)

// reads are the requests that are compared: the last rows of a random key.
var reads = []int{1, 500}

// compareREST compares the CPU per read of the service with that of pREST over
// PostgreSQL, the processes of PostgreSQL that serve it included. Without them it
// prints why it is left out.
func compareREST(ctx context.Context, o *options, b *bucket, out io.Writer) (err error) {
	binary, missing := exec.LookPath(o.prest)
	if missing != nil {
		_, err := fmt.Fprintf(out, "pREST is left out: there is no %s (-prest names its binary)\n", o.prest)
		return err
	}
	if o.postgres == "" {
		_, err := fmt.Fprintln(out, "pREST is left out: specify PostgreSQL with -postgres or WINDLASS_TEST_POSTGRES")
		return err
	}
	peer, err := startREST(ctx, o, b, binary)
	if err != nil {
		return err
	}
	defer func() { err = errors.Join(err, peer.stop(context.WithoutCancel(ctx))) }()
	s, err := startService(ctx, o, b.dir, b, "peers")
	if err != nil {
		return err
	}
	defer s.stop()
	if _, err := s.api.CreateDataset(ctx, quotesDraft()); err != nil {
		return err
	}
	if _, err := loadAll(ctx, s.api, b, "peers"); err != nil {
		return err
	}
	if _, err := fmt.Fprintf(out, "reads by %d clients, CPU per request\n%-14s %10s %10s %8s\n", clients, "",
		"windlass", "pREST", "ratio"); err != nil {
		return err
	}
	for _, last := range reads {
		own := func() []int { return []int{s.process.ID()} }
		ours, err := cpuPerRead(ctx, o, own, s.token, func(key string) string {
			return fmt.Sprintf("%s/v1/data/main/peers/%s?last=%d", s.url, key, last)
		})
		if err != nil {
			return err
		}
		theirs, err := cpuPerRead(ctx, o, peer.processes, "", func(key string) string {
			return fmt.Sprintf("%s/%s/public/%s?symbol=%s&_order=-date&_page=1&_page_size=%d", peer.url, peer.database,
				table, key, last)
		})
		if err != nil {
			return err
		}
		if _, err := fmt.Fprintf(out, "%-14s %7.0f us %7.0f us %8.1f\n", fmt.Sprint("last ", last),
			float64(ours.Microseconds()), float64(theirs.Microseconds()), float64(theirs)/float64(ours)); err != nil {
			return err
		}
	}
	return nil
}

func quotesDraft() client.DatasetDraft {
	draft := client.DatasetDraft{Name: "peers", Index: &client.Index{Key: "symbol", Date: "date", Unique: true}}
	for _, c := range [][2]string{
		{"symbol", "string"},
		{"date", "date"},
		{"open", "number"},
		{"high", "number"},
		{"low", "number"},
		{"close", "number"},
		{"volume", "integer"},
	} {
		draft.Columns = append(draft.Columns, client.Column{Name: c[0], Type: c[1]})
	}
	return draft
}

// cpuPerRead sends requests for random keys and returns the CPU time that processes
// used for one.
func cpuPerRead(ctx context.Context, o *options, processes func() []int, token string, address func(key string) string,
) (time.Duration, error) {
	read := func(n int) error {
		faults := make([]error, clients)
		var all sync.WaitGroup
		for c := range clients {
			all.Go(func() {
				r := rand.New(rand.NewPCG(uint64(c), 9)) //nolint:gosec // the same keys in each run
				transport := &http.Transport{DisableCompression: true}
				defer transport.CloseIdleConnections()
				for i := 0; i < n/clients && faults[c] == nil; i++ {
					faults[c] = fetch(ctx, transport, token, address(fmt.Sprintf("SYM%05d", r.IntN(o.rows/daysOfKey))))
				}
			})
		}
		all.Wait()
		return errors.Join(faults...)
	}
	if err := read(requests / 4); err != nil { // warm
		return 0, err
	}
	used := processes()
	before := cpuOf(used...)
	err := read(requests)
	return (cpuOf(used...) - before) / requests, err
}

func fetch(ctx context.Context, transport http.RoundTripper, token, address string) error {
	request, err := http.NewRequestWithContext(ctx, http.MethodGet, address, nil)
	if err != nil {
		return err
	}
	if token != "" {
		request.Header.Set("Authorization", "Bearer "+token)
	}
	response, err := transport.RoundTrip(request)
	if err != nil {
		return err
	}
	defer response.Body.Close()
	if n, err := io.Copy(io.Discard, response.Body); err != nil || response.StatusCode != http.StatusOK || n < 10 {
		return fmt.Errorf("%s: %s, %d bytes: %w", address, response.Status, n, err)
	}
	return nil
}

// restServer is pREST over a table in PostgreSQL.
type restServer struct {
	process  *rig.Process
	url      string
	database string
	postgres *pgx.Conn
}

// startREST copies the rows to PostgreSQL and starts pREST.
func startREST(ctx context.Context, o *options, b *bucket, binary string) (*restServer, error) {
	conn, err := pgx.Connect(ctx, o.postgres)
	if err != nil {
		return nil, err
	}
	s := &restServer{postgres: conn, database: conn.Config().Database}
	if err := s.start(ctx, b, binary); err != nil {
		return nil, errors.Join(err, s.stop(context.WithoutCancel(ctx)))
	}
	return s, nil
}

func (s *restServer) start(ctx context.Context, b *bucket, binary string) error {
	if err := s.fill(ctx, filepath.Join(b.dir, "quotes.csv")); err != nil {
		return err
	}
	address, err := rig.Free(ctx)
	if err != nil {
		return err
	}
	s.url = "http://" + address
	_, port, err := net.SplitHostPort(address)
	if err != nil {
		return err
	}
	c := s.postgres.Config()
	s.process, err = rig.Launch(ctx, b.dir, "prest", []string{
		"PREST_HTTP_HOST=127.0.0.1", "PREST_HTTP_PORT=" + port, "PREST_PG_HOST=" + c.Host,
		fmt.Sprint("PREST_PG_PORT=", c.Port), "PREST_PG_USER=" + c.User, "PREST_PG_PASS=" + c.Password,
		"PREST_PG_DATABASE=" + c.Database, "PREST_PG_SSL_MODE=disable",
		fmt.Sprint("PREST_PG_MAXOPENCONN=", clients), fmt.Sprint("PREST_PG_MAXIDLECONN=", clients),
	}, binary)
	if err != nil {
		return err
	}
	return rig.Until(ctx, func() error {
		return fetch(ctx, http.DefaultTransport, "", fmt.Sprintf("%s/%s/public/%s?symbol=SYM00000&_page=1&_page_size=1",
			s.url, s.database, table))
	})
}

// fill copies the rows to PostgreSQL.
func (s *restServer) fill(ctx context.Context, path string) error {
	for _, text := range []string{
		"DROP TABLE IF EXISTS public." + table,
		"CREATE TABLE public." + table + " (symbol text, date date, open float8, high float8, low float8, close float8, " +
			"volume int8, PRIMARY KEY (symbol, date))",
	} {
		if _, err := s.postgres.Exec(ctx, text); err != nil {
			return err
		}
	}
	file, err := os.Open(path) //nolint:gosec // a file of this run's own folder
	if err != nil {
		return err
	}
	defer func() { _ = file.Close() }()
	_, err = s.postgres.PgConn().CopyFrom(ctx, file, "COPY public."+table+" FROM STDIN (FORMAT csv, HEADER)")
	if err == nil {
		_, err = s.postgres.Exec(ctx, "VACUUM ANALYZE public."+table)
	}
	return err
}

// processes returns those of pREST and of PostgreSQL that serve it.
func (s *restServer) processes() []int {
	all := []int{s.process.ID()}
	rows, err := s.postgres.Query(context.Background(),
		"SELECT pid FROM pg_stat_activity WHERE backend_type = 'client backend' AND pid <> pg_backend_pid()")
	if err != nil {
		return all
	}
	more, _ := pgx.CollectRows(rows, pgx.RowTo[int])
	return append(all, more...)
}

// stop ends pREST and removes the table.
func (s *restServer) stop(ctx context.Context) error {
	if s.process != nil {
		s.process.Stop()
	}
	_, err := s.postgres.Exec(ctx, "DROP TABLE IF EXISTS public."+table)
	return errors.Join(err, s.postgres.Close(ctx))
}
