package audit

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/windlass-io/windlass/internal/access"
)

// Export is a workspace's whole chain, as far as it went when it was asked for.
type Export struct {
	Head      Head // of its last entry
	store     Store
	workspace string
}

// Export begins an export.
func (s *Service) Export(ctx context.Context, actor access.Actor, workspace string) (*Export, error) {
	if err := s.check(ctx, actor, access.AuditExport, workspace); err != nil {
		return nil, err
	}
	head, err := s.store.AuditHead(ctx, workspace)
	return &Export{Head: head, store: s.store, workspace: workspace}, err
}

// Write writes the entries as JSON Lines, oldest first. What it writes is
// verified by [VerifyExport] with Head as the anchor.
func (e *Export) Write(ctx context.Context, w io.Writer) error {
	out := bufio.NewWriter(w)
	for after := int64(0); after < e.Head.Seq; {
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
