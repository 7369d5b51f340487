package cli

import (
	"fmt"
	"io"
	"sync"
	"time"

	"github.com/spf13/cobra"

	"github.com/windlass-io/windlass/internal/backup"
	"github.com/windlass-io/windlass/internal/problem"
	"github.com/windlass-io/windlass/internal/server"
)

func newBackup(streams Streams) *cobra.Command {
	var state stateFlags
	var options server.BackupOptions
	var keep backup.Keep
	cmd := &cobra.Command{
		Use: "backup [DEST]", Short: "Copy the state and the rows, while the service runs",
		Long: `Copy the state and the rows to DEST, a folder or s3://BUCKET/PREFIX, while the service
runs or not. Without DEST, it uses the settings backup_to, backup_keep_last and
backup_keep_daily. Files with rows that are already
there aren't copied again.

Run it on the service's machine, with the service's settings, as the user that owns its
state. In a bucket, it uses the AWS credentials of its environment.

The master key isn't copied, unless --include-key seals it under the passphrase in
WINDLASS_BACKUP_PASSPHRASE (12 characters or more). Keep the key: without it, access keys
must be entered again after a restore.

Exit status: 0 done, 1 files are damaged or missing, 2 not possible.`,
		Example: "  windlass backup /mnt/backup/windlass --dir /var/lib/windlass\n" +
			"  windlass backup s3://acme-backups/windlass --keep-last 7 --keep-daily 30",
		Args: cobra.MaximumNArgs(1),
	}
	state.add(cmd)
	flags := cmd.Flags()
	flags.BoolVar(&options.StateOnly, "state-only", false, "leave out files with rows")
	flags.BoolVar(&options.IncludeKey, "include-key", false, "add the master key, sealed under a passphrase")
	flags.BoolVar(&options.TakeOver, "take-over", false,
		"use the destination of another instance, such as the one this was restored from")
	addKeep(cmd, &keep, " afterwards (default: all)")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, place, err := openPlace(cmd, &state, streams, args)
		if err != nil {
			return err
		}
		options.Passphrase = cfg.Settings.BackupPassphraseSecret()
		options.Progress = copyProgress(streams.Err, streams.Now)
		made, err := server.Backup(cmd.Context(), cfg, place, options)
		if err != nil {
			return err
		}
		if len(args) == 0 && keep.IsZero() {
			keep = backup.Keep{Last: cfg.Settings.BackupKeepLast, Daily: cfg.Settings.BackupKeepDaily}
		}
		if err := printMade(&state, streams, &made); err != nil || keep.IsZero() {
			return err
		}
		pruned, err := backup.Prune(cmd.Context(), place, keep, cfg.Now)
		if err != nil || state.json {
			return err
		}
		return printPruned(streams.Out, &pruned)
	}
	cmd.AddCommand(newBackupList(&state, streams), newBackupCheck(&state, streams), newBackupPrune(&state, streams))
	return cmd
}

func addKeep(cmd *cobra.Command, keep *backup.Keep, when string) {
	cmd.Flags().IntVar(&keep.Last, "keep-last", 0, "keep the newest `N` snapshots"+when)
	cmd.Flags().IntVar(&keep.Daily, "keep-daily", 0, "keep the newest snapshot of each of `N` days"+when)
}

// openPlace reads the settings and opens the place for backups that args or the
// settings name.
func openPlace(
	cmd *cobra.Command,
	state *stateFlags,
	streams Streams,
	args []string,
) (server.Config, backup.Place, error) {
	cfg, err := state.open(cmd, streams)
	if err != nil {
		return cfg, nil, err
	}
	cfg.Version = cmd.Root().Version
	dest := cfg.Settings.BackupTo
	if len(args) > 0 {
		dest = args[0]
	}
	if dest == "" {
		return cfg, nil, usagef("specify where to, as DEST or as the setting backup_to")
	}
	if cfg.AWS, err = awsIdentity(cmd.Context(), cfg.Settings.AWSRegion); err != nil {
		return cfg, nil, err
	}
	place, err := server.BackupPlace(&cfg, dest)
	return cfg, place, err
}

// progressEvery is the interval for reporting the progress of a long copy.
const progressEvery = 2 * time.Second

// copyProgress returns a function that prints how far a copy is.
func copyProgress(w io.Writer, now func() time.Time) func(files, of int, bytes int64) {
	var mu sync.Mutex
	last := now()
	return func(files, of int, bytes int64) {
		mu.Lock()
		defer mu.Unlock()
		if now().Sub(last) < progressEvery {
			return
		}
		last = now()
		_, _ = fmt.Fprintf(w, "%d of %s, %s\n", files, counted(of, "file"), megabytes(bytes))
	}
}

func megabytes(bytes int64) string { return fmt.Sprintf("%.1f MB", float64(bytes)/1e6) }

func printMade(state *stateFlags, streams Streams, made *backup.Made) error {
	m := made.Manifest
	if state.json {
		return printJSON(streams.Out, struct {
			Missing  []string  `json:"missing"`
			Snapshot string    `json:"snapshot"`
			TakenAt  time.Time `json:"taken_at"`
			Rows     string    `json:"rows"`
			Files    int       `json:"files"`
			Bytes    int64     `json:"bytes"`
			NewFiles int       `json:"new_files"`
			NewBytes int64     `json:"new_bytes"`
		}{
			append([]string{}, made.Missing...), m.ID, m.TakenAt, m.Rows, len(m.Files), m.Bytes(), made.Files,
			made.Bytes,
		})
	}
	_, err := fmt.Fprintf(streams.Out, "Snapshot %s: %s, %s; new in its place: %s, %s.\n",
		m.ID, counted(len(m.Files), "file"),
		megabytes(m.Bytes()), counted(made.Files, "file"), megabytes(made.Bytes))
	for _, name := range made.Missing {
		_, _ = fmt.Fprintf(
			streams.Err,
			"windlass: the file %s with old audit entries is missing, so the backup doesn't contain it\n",
			name,
		)
	}
	if err == nil && m.Rows == backup.RowsElsewhere {
		_, err = fmt.Fprintln(streams.Out, "The rows are in another database: back it up now, after this snapshot.")
	}
	return err
}

func newBackupList(state *stateFlags, streams Streams) *cobra.Command {
	cmd := &cobra.Command{
		Use: "list [DEST]", Short: "List the snapshots in a backup, newest first", Args: cobra.MaximumNArgs(1),
		Example: "  windlass backup list /mnt/backup/windlass",
	}
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		_, place, err := openPlace(cmd, state, streams, args)
		if err != nil {
			return err
		}
		found, fault := backup.List(cmd.Context(), place)
		if found == nil && fault != nil {
			return fault
		}
		if err := printSnapshots(state, streams, found); err != nil {
			return err
		}
		return fault
	}
	return cmd
}

// snapshot is a snapshot in JSON.
type snapshot struct {
	ID      string    `json:"id"`
	TakenAt time.Time `json:"taken_at"`
	Version string    `json:"version"`
	Schema  int64     `json:"schema"`
	State   string    `json:"state"`
	Rows    string    `json:"rows"`
	Files   int       `json:"files"`
	Bytes   int64     `json:"bytes"`
}

func printSnapshots(state *stateFlags, streams Streams, found []*backup.Manifest) error {
	all := make([]snapshot, len(found))
	rows := make([][]string, len(found))
	for i, m := range found {
		all[i] = snapshot{m.ID, m.TakenAt, m.Version, m.Schema, m.State, m.Rows, len(m.Files), m.Bytes()}
		rows[i] = []string{
			m.ID,
			moment(m.TakenAt, ""),
			m.Version,
			m.Rows,
			fmt.Sprint(len(m.Files)),
			megabytes(m.Bytes()),
		}
	}
	if state.json {
		return printJSON(streams.Out, all)
	}
	return printTable(streams.Out, []string{"snapshot", "taken", "version", "rows", "files", "size"}, rows)
}

func newBackupCheck(state *stateFlags, streams Streams) *cobra.Command {
	var id string
	var read bool
	cmd := &cobra.Command{
		Use: "check [DEST]", Short: "Verify a snapshot's files, state and audit log", Args: cobra.MaximumNArgs(1),
		Long: `Verify that a snapshot has every file with the right size, that its state is intact, and
that its audit chains are valid. --read-data reads every file and compares hashes.

Exit status: 0 no damage, 1 something is damaged or missing, 2 the check isn't possible.`,
		Example: "  windlass backup check /mnt/backup/windlass --read-data",
	}
	cmd.Flags().StringVar(&id, "snapshot", "", "`ID` of the snapshot (default: the newest)")
	cmd.Flags().BoolVar(&read, "read-data", false, "read every file and compare hashes")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, place, err := openPlace(cmd, state, streams, args)
		if err != nil {
			return err
		}
		report, err := server.CheckBackup(cmd.Context(), cfg, place, id, read)
		if err != nil {
			return err
		}
		return printReport(state, streams, report)
	}
	return cmd
}

func printReport(state *stateFlags, streams Streams, r *backup.Report) (err error) {
	if state.json {
		err = printJSON(streams.Out, r)
	} else {
		for _, f := range r.Faults {
			_, _ = fmt.Fprintf(streams.Out, "%s: %s\n", f.Path, f.Cause)
		}
		_, err = fmt.Fprintf(streams.Out, "Snapshot %s: %s, %s, %s of the audit log, %s.\n", r.Snapshot,
			counted(r.Files, "file"), megabytes(r.Bytes), counted(r.Chains, "chain"), counted(len(r.Faults), "fault"))
	}
	if err != nil || len(r.Faults) == 0 {
		return err
	}
	return problem.New(problem.Refused, "Snapshot %s is damaged.", r.Snapshot).
		WithHint("Delete the files listed above and make a new backup, which copies them again. Check other " +
			"snapshots with --snapshot.")
}

func newBackupPrune(state *stateFlags, streams Streams) *cobra.Command {
	var keep backup.Keep
	cmd := &cobra.Command{
		Use: "prune [DEST]", Short: "Remove old snapshots and the files that only they use", Args: cobra.MaximumNArgs(1),
		Long: `Remove snapshots outside the retention rules, and files that no snapshot uses. The
newest snapshot is always kept. Files are kept for 24 hours after they were written.`,
		Example: "  windlass backup prune /mnt/backup/windlass --keep-last 7 --keep-daily 30",
	}
	addKeep(cmd, &keep, "")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		cfg, place, err := openPlace(cmd, state, streams, args)
		if err != nil {
			return err
		}
		pruned, err := backup.Prune(cmd.Context(), place, keep, cfg.Now)
		if err != nil {
			return err
		}
		if state.json {
			return printJSON(streams.Out, struct {
				Snapshots []string `json:"snapshots"`
				Files     int      `json:"files"`
				Bytes     int64    `json:"bytes"`
			}{append([]string{}, pruned.Snapshots...), pruned.Files, pruned.Bytes})
		}
		return printPruned(streams.Out, &pruned)
	}
	return cmd
}

func printPruned(w io.Writer, p *backup.Pruned) error {
	_, err := fmt.Fprintf(w, "Removed %s and %s, %s.\n", counted(len(p.Snapshots), "snapshot"),
		counted(p.Files, "file"), megabytes(p.Bytes))
	return err
}

func newRestore(streams Streams) *cobra.Command {
	var state stateFlags
	var o server.RestoreOptions
	cmd := &cobra.Command{
		Use: "restore DEST --dir DIR", Short: "Restore a backup into an empty folder", Args: cobra.ExactArgs(1),
		Long: `Restore a snapshot into DIR, which must be empty or not exist, and verify every file.
If it fails, DIR is left empty. All sessions end, and each workspace's audit log
records the restore.

A PostgreSQL state is restored into the empty database of --database with pg_restore.

Tokens, grants and members that were revoked after the backup are valid again. With
an audit export (windlass audit export) that is newer than the backup,
--apply-revocations revokes and removes them again: tokens, grants, providers and
members. An attempt to revoke that wasn't confirmed counts, too. The command lists
what it revoked and what to check.

Exit status: 0 done, 1 the backup is damaged, 2 not possible.`,
		Example: "  windlass restore /mnt/backup/windlass --dir /var/lib/windlass --key-file /mnt/keys/master.key\n" +
			"  windlass restore s3://acme-backups/windlass --dir /var/lib/windlass --dry-run",
	}
	state.add(cmd)
	flags := cmd.Flags()
	flags.StringVar(&o.Snapshot, "snapshot", "", "`ID` of the snapshot (default: the newest)")
	flags.StringVar(&o.Database, "database", "", "`address` of an empty database, for a PostgreSQL state")
	flags.StringVar(
		&o.KeyFile,
		"key-file",
		"",
		"`file` with the master key (default: the sealed one, if there is a passphrase)",
	)
	flags.StringVar(&o.Revocations, "apply-revocations", "",
		"audit export: a `file` with what was revoked after the backup")
	flags.BoolVar(&o.DryRun, "dry-run", false, "run all checks, but write nothing")
	cmd.RunE = func(cmd *cobra.Command, args []string) error {
		if !cmd.Flags().Changed("dir") {
			return usagef("restore needs --dir, a folder that is empty or doesn't exist")
		}
		cfg, place, err := openPlace(cmd, &state, streams, args)
		if err != nil {
			return err
		}
		o.Dir, o.Passphrase = cfg.Settings.Dir, cfg.Settings.BackupPassphraseSecret()
		o.Progress = copyProgress(streams.Err, streams.Now)
		restored, err := server.Restore(cmd.Context(), cfg, place, &o)
		if err != nil {
			return err
		}
		return printRestored(&state, streams, &restored, &o)
	}
	return cmd
}

func printRestored(state *stateFlags, streams Streams, r *backup.Restored, o *server.RestoreOptions) error {
	m := r.Manifest
	notes := restoreNotes(r, o)
	if state.json {
		return printJSON(streams.Out, struct {
			Snapshot string    `json:"snapshot"`
			TakenAt  time.Time `json:"taken_at"`
			Dir      string    `json:"dir"`
			Files    int       `json:"files"`
			Bytes    int64     `json:"bytes"`
			Key      bool      `json:"key"`
			DryRun   bool      `json:"dry_run"`
			Notes    []string  `json:"notes"`

			Revoked []backup.Revocation `json:"revoked,omitempty"`
		}{m.ID, m.TakenAt, o.Dir, len(m.Files), m.Bytes(), r.Key, o.DryRun, notes, r.Revoked})
	}
	done := "was restored"
	if o.DryRun {
		done = "can be restored"
	}
	_, err := fmt.Fprintf(
		streams.Out,
		"Snapshot %s of %s %s to %s: %s, %s.\n",
		m.ID,
		moment(m.TakenAt, ""),
		done,
		o.Dir,
		counted(len(m.Files), "file"),
		megabytes(m.Bytes()),
	)
	for _, revoked := range r.Revoked {
		notes = append(notes, revoked.String())
	}
	for _, note := range notes {
		if err == nil {
			_, err = fmt.Fprintf(streams.Out, "- %s\n", note)
		}
	}
	return err
}

// restoreNotes returns notes about what a copy can't restore.
func restoreNotes(r *backup.Restored, o *server.RestoreOptions) []string {
	var notes []string
	switch {
	case r.Key:
	case r.KeyWhere.Where == "file":
		notes = append(
			notes,
			fmt.Sprintf(
				"Put the master key into %s/master.key before the first start. It was in %s. Without it, enter access keys again.",
				o.Dir,
				r.KeyWhere.Address,
			),
		)
	default:
		notes = append(
			notes,
			"Start with the master key in the settings, as before. Without it, enter access keys again.",
		)
	}
	switch r.Manifest.Rows {
	case backup.RowsElsewhere:
		notes = append(notes, "The rows are in another database: restore its backup from the same time or later.")
	case backup.RowsLeftOut:
		notes = append(notes, "The backup has no rows (--state-only): restore the rows folder before the first start.")
	}
	revoked := "Tokens, grants and members that were revoked or removed since are valid again: revoke them again, or " +
		"restore with --apply-revocations."
	if o.Revocations != "" {
		revoked = "In other workspaces than that of the audit export, tokens, grants and members that were revoked or " +
			"removed since are valid again."
	}
	return append(
		notes,
		"All sessions ended, so members must sign in again. windlass sign-in-link prints a link for a member.",
		revoked,
		"Integrations are unverified until they are verified at the start. Those that were disabled, removed or "+
			"rotated since are "+
			"as they were before: disable or remove them again, and check the External IDs.",
		"Later revocations of vended sessions are missing: revoke the sessions again.",
		"This is a different instance from the one that made the backup: back up to a new destination, or use "+
			"--take-over once.",
		"The next loads load objects again that were loaded since.",
	)
}
