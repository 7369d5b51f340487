package audit

import (
	"bufio"
	"compress/gzip"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"path/filepath"

	"github.com/windlass-io/windlass/internal/access"
)

// Export is a workspace's whole chain at the time of the request: the entries
// in archive files, and the rest. If an archive file is missing, it begins
// after that file.
type Export struct {
	Head      Head // of its last entry
	start     Head // of the entries before it
	store     Store
	workspace string
	folder    string     // of the archives
	archives  []Archived // that it begins with
}

// Export begins an export.
func (s *Service) Export(ctx context.Context, actor access.Actor, workspace string) (*Export, error) {
	if err := s.check(ctx, actor, access.AuditExport, workspace); err != nil {
		return nil, err
	}
	head, err := s.store.AuditHead(ctx, workspace)
	if err != nil {
		return nil, err
	}
	archives, err := s.store.AuditArchives(ctx, workspace)
	if err != nil {
		return nil, err
	}
	e := &Export{Head: head, store: s.store, workspace: workspace, folder: s.archives, archives: archives}
	for i := range archives {
		if _, err := os.Stat(filepath.Join(s.archives, archives[i].File)); err != nil {
			e.start, e.archives = archives[i].Head, archives[i+1:]
		}
	}
	return e, nil
}

// Write writes the entries as JSON Lines, oldest first. What it writes is
// verified by [VerifyExport] with Head as the anchor.
func (e *Export) Write(ctx context.Context, w io.Writer) error {
	out := bufio.NewWriter(w)
	if e.start.Seq > 0 {
		if err := json.NewEncoder(out).Encode(fileHead{archiveFormat, e.workspace, e.start}); err != nil {
			return err
		}
	}
	after := e.start.Seq
	for i := range e.archives {
		if err := e.copyArchive(out, &e.archives[i]); err != nil {
			return err
		}
		after = e.archives[i].Head.Seq
	}
	for after < e.Head.Seq {
		blocks, err := e.store.AuditForward(ctx, e.workspace, after, walkBlocks)
		if err != nil {
			return err
		}
		if len(blocks) == 0 {
			return broken(fmt.Errorf("entries after %d are missing", after))
		}
		for i := 0; i < len(blocks) && blocks[i].First <= e.Head.Seq; i++ {
			if err := writeLines(out, &blocks[i]); err != nil {
				return err
			}
		}
		after = blocks[len(blocks)-1].Last
	}
	return out.Flush()
}

// copyArchive writes the entries of an archive file.
func (e *Export) copyArchive(out *bufio.Writer, a *Archived) error {
	file, err := os.Open(filepath.Join(e.folder, a.File))
	if err != nil {
		return fmt.Errorf("reading an archive: %w", err)
	}
	defer func() { _ = file.Close() }()
	zip, err := gzip.NewReader(file)
	if err != nil {
		return broken(err)
	}
	lines := bufio.NewReader(zip)
	if _, err := lines.ReadSlice('\n'); err != nil { // its head
		return broken(err)
	}
	if _, err := io.Copy(out, lines); err != nil {
		return fmt.Errorf("reading an archive: %w", err)
	}
	return nil
}

func writeLines(out *bufio.Writer, block *Block) error {
	entries, err := block.Entries()
	if err != nil {
		return broken(err)
	}
	for i := range entries {
		line, err := json.Marshal(&entries[i])
		if err != nil {
			return fmt.Errorf("writing an audit entry: %w", err)
		}
		if _, err := out.Write(append(line, '\n')); err != nil {
			return fmt.Errorf("writing the export: %w", err)
		}
	}
	return nil
}
