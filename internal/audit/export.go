package audit

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"

	"github.com/windlass-io/windlass/internal/access"
)

// Export writes a workspace's whole chain as JSON Lines, oldest first, up to what
// was there when it began. What it writes can be verified by [VerifyExport].
func (s *Service) Export(ctx context.Context, actor access.Actor, workspace string, w io.Writer) error {
	if err := s.check(ctx, actor, access.AuditExport, workspace); err != nil {
		return err
	}
	head, err := s.store.AuditHead(ctx, workspace)
	if err != nil {
		return err
	}
	out := bufio.NewWriter(w)
	for after := int64(0); after < head.Seq; {
		blocks, err := s.store.AuditForward(ctx, workspace, after, walkBlocks)
		if err != nil {
			return err
		}
		if len(blocks) == 0 {
			return broken(fmt.Errorf("entries after %d are missing", after))
		}
		for i := range blocks {
			if err := writeLines(out, &blocks[i]); err != nil {
				return err
			}
			after = blocks[i].Last
		}
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
