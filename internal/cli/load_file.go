package cli

import (
	"errors"
	"fmt"
	"io"
	"io/fs"
	"net/http"
	"os"
	"path/filepath"
	"regexp"
	"strings"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/client"
)

// loadFiles loads local files into a dataset.
type loadFiles struct {
	conn    *connection
	streams Streams
	dataset string
	options client.UploadOptions
	most    int64
	strict  bool
}

// add makes a command also load files.
func (l *loadFiles) add(cmd *cobra.Command) {
	cmd.Use = "load [FILE...]"
	cmd.Args = cobra.ArbitraryArgs
	cmd.Short = "Load files; start, watch and cancel loads"
	cmd.Long = `Load files of any format into a dataset: CSV, TSV, JSON, JSON lines, Parquet, Avro,
Excel (.xlsx), plain or compressed, up to 512 MiB each. A file that was loaded into the
dataset before, with the same name and content, isn't loaded again. If the dataset doesn't exist,
it is created with the columns and types that all rows of the file show. Without --dataset, it has the name of the file.

The exit status is 1 when a file couldn't be loaded or all of its rows were rejected,
and with --strict when a row was rejected, too. The commands below load the objects of sources.`
	cmd.Example = "  windlass load prices.csv\n  windlass load 2025.xlsx 2026.xlsx --dataset orders --duplicates replace"
	flags := cmd.Flags()
	flags.StringVar(&l.dataset, "dataset", "", "dataset, by name (default: the name of the file)")
	flags.StringVar(&l.options.Duplicates, "duplicates", "",
		"keep the old row (ignore) or the new one (replace) when the index exists (default ignore)")
	flags.Int64Var(&l.most, "max-rejected", 0, "load nothing if more rows than this are rejected (default: no limit)")
	flags.BoolVar(&l.options.NoCreate, "no-create", false, "fail if the dataset doesn't exist")
	flags.BoolVar(&l.options.Again, "again", false, "load files again that were loaded before, under the same name")
	flags.BoolVar(&l.strict, "strict", false, "exit with 1 when a row was rejected")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if len(args) == 0 {
			return cmd.Help()
		}
		for _, name := range args {
			if err := checkFile(cmd, name); err != nil {
				return err
			}
			if l.dataset == "" && datasetOf(name) == "" {
				return usagef("%s doesn't show a name for the dataset. Name the dataset with --dataset.", name)
			}
		}
		l.options.MaxRejected = set(cmd, "max-rejected", &l.most)
		return l.run(cmd, args)
	}
}

// checkFile returns an error for a name that is neither a file nor a command, before
// anything is loaded.
func checkFile(cmd *cobra.Command, name string) error {
	info, err := os.Stat(name)
	switch {
	case errors.Is(err, fs.ErrNotExist):
		if near := nearest(cmd, name); near != "" {
			return usagef("%q is neither a file nor a command; did you mean %q?", name, cmd.CommandPath()+" "+near)
		}
		return usagef("%q is neither a file nor a command; see %s --help", name, cmd.CommandPath())
	case err != nil:
		return usageError{err}
	case !info.Mode().IsRegular():
		return usagef("%s isn't a regular file; for a folder, specify the files in it", name)
	}
	return nil
}

// loadedFile is the result of a file, for programs.
type loadedFile struct {
	File    string          `json:"file"`
	Dataset string          `json:"dataset"`
	Created bool            `json:"created"`
	Columns []client.Column `json:"columns"`
	client.Uploaded
}

func (l *loadFiles) run(cmd *cobra.Command, names []string) error {
	api, err := l.conn.client(l.streams)
	if err != nil {
		return err
	}
	var rejected, failed bool
	all := []loadedFile{}
	for _, name := range names {
		done, err := l.load(cmd, api, name)
		if err != nil {
			err = fmt.Errorf("%s: %w", name, err)
			if l.conn.json && len(all) > 0 { // what was loaded before isn't lost
				err = errors.Join(printJSON(l.streams.Out, all), err)
			}
			return err
		}
		rejected = rejected || done.Rejected > 0
		failed = failed || done.Rejected > 0 && done.Rows+done.Duplicates == 0
		if all = append(all, done); !l.conn.json {
			if err := done.print(l.streams.Out); err != nil {
				return err
			}
		}
	}
	if l.conn.json {
		if err := printJSON(l.streams.Out, all); err != nil {
			return err
		}
	}
	if failed || l.strict && rejected {
		return errNo
	}
	return nil
}

func (l *loadFiles) load(cmd *cobra.Command, api *client.Client, name string) (loadedFile, error) {
	done := loadedFile{File: name, Dataset: first(l.dataset, datasetOf(name))}
	_, err := api.Dataset(cmd.Context(), done.Dataset)
	refused := (*client.Error)(nil)
	done.Created = errors.As(err, &refused) && refused.Status == http.StatusNotFound
	file, err := os.Open(name) //nolint:gosec // G304: the file that the command line names
	if err != nil {
		return done, err
	}
	defer func() { _ = file.Close() }()
	info, err := file.Stat()
	if err != nil {
		return done, err
	}
	options := l.options
	options.Name = filepath.Base(name)
	sent := &sending{inner: file, size: info.Size(), name: name, to: l.streams.Err}
	if done.Uploaded, err = api.Upload(cmd.Context(), done.Dataset, sent, options); err != nil {
		return done, err
	}
	done.Errors, done.Notes = append([]client.UploadReject{}, done.Errors...), append([]string{}, done.Notes...)
	done.Columns = []client.Column{}
	found, err := api.Dataset(cmd.Context(), done.Dataset)
	if errors.As(err, &refused) && refused.Status < http.StatusInternalServerError {
		return done, nil // the token may write, but not see it
	}
	done.Columns = found.Columns
	return done, err
}

func (f *loadedFile) print(w io.Writer) error {
	if f.Created {
		_, _ = fmt.Fprintf(w, "Created dataset %s with %s.\n", f.Dataset, counted(len(f.Columns), "column"))
	}
	if f.Known != "" {
		_, err := fmt.Fprintf(w, "%s was loaded into %s before, by %s. Use --again to load it once more.\n", f.File,
			f.Dataset, f.Known)
		return err
	}
	job := ""
	if f.JobID != "" {
		job = " (job " + f.JobID + ")"
	}
	_, _ = fmt.Fprintf(w, "Loaded %s into %s: %s, %s, %d rejected%s.\n", f.File, f.Dataset,
		counted(int(f.Rows), "row"), counted(int(f.Duplicates), "duplicate"), f.Rejected, job)
	for _, note := range f.Notes {
		_, _ = fmt.Fprintf(w, "note: %s\n", note)
	}
	for _, r := range f.Errors {
		_, _ = fmt.Fprintf(w, "rejected: line %d: %s\n", r.Line, r.Reason)
	}
	if !f.Created {
		return nil
	}
	rows := make([][]string, len(f.Columns))
	for i, c := range f.Columns {
		rows[i] = []string{c.Name, c.Type, c.Format}
	}
	_, _ = fmt.Fprintln(w)
	return printTable(w, []string{"column", "type", "format"}, rows)
}

// unnamed matches characters that the name of a dataset can't have.
var unnamed = regexp.MustCompile(`[^A-Za-z0-9_]+`)

// datasetOf returns the name of the dataset for a file: its own up to the first dot.
func datasetOf(file string) string {
	name, _, _ := strings.Cut(strings.TrimLeft(filepath.Base(file), "."), ".")
	return strings.Trim(unnamed.ReplaceAllString(name, "_"), "_")
}

// sending prints how much of a large file was sent.
type sending struct {
	inner      io.Reader
	size, sent int64
	name       string
	to         io.Writer
	tenths     int64
}

// quietBytes is the size up to which a file is sent without reporting progress.
const quietBytes = 8 << 20

func (s *sending) Read(p []byte) (int, error) {
	n, err := s.inner.Read(p)
	s.sent += int64(n)
	if s.size > quietBytes && s.sent*10/s.size > s.tenths {
		s.tenths = s.sent * 10 / s.size
		_, _ = fmt.Fprintf(s.to, "%s: sent %d of %d MiB\n", s.name, s.sent>>20, s.size>>20)
	}
	return n, err
}
