package server

import (
	"context"
	"errors"
	"fmt"
	"io/fs"
	"os"
	"path/filepath"
	"time"

	"github.com/windlass-io/windlass/internal/telemetry"
)

// firstTokenLifetime is the lifetime of the first token. Its file is deleted
// afterwards.
const firstTokenLifetime = 24 * time.Hour

func (s *Server) firstTokenFile() string {
	return filepath.Join(s.config.Settings.Dir, "first-token")
}

// deleteFirstToken deletes the file with the first token once the token expired.
func (s *Server) deleteFirstToken() error {
	left, err := s.firstTokenLeft()
	if err != nil || left > 0 {
		return err
	}
	if err := os.Remove(s.firstTokenFile()); err != nil && !errors.Is(err, fs.ErrNotExist) {
		return fmt.Errorf("deleting the first token: %w", err)
	}
	return nil
}

// firstTokenLeft returns how long the file is still needed, or 0 if there is none.
func (s *Server) firstTokenLeft() (time.Duration, error) {
	info, err := os.Stat(s.firstTokenFile())
	if errors.Is(err, fs.ErrNotExist) {
		return 0, nil
	}
	if err != nil {
		return 0, fmt.Errorf("finding the first token: %w", err)
	}
	return max(0, firstTokenLifetime-s.config.Now().Sub(info.ModTime())), nil
}

// watchFirstToken deletes the file while the service runs.
func (s *Server) watchFirstToken(ctx context.Context) {
	left, err := s.firstTokenLeft()
	s.firstTokenTimer = time.AfterFunc(left+time.Second, func() {
		if err := errors.Join(err, s.deleteFirstToken()); err != nil {
			s.config.Logger.ErrorContext(ctx, telemetry.FirstTokenKept, "cause", err)
		}
	})
}
