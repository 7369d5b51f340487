// Package rig starts the servers that programs for benchmarks measure.
package rig

import (
	"context"
	"errors"
	"fmt"
	"net"
	"os"
	"os/exec"
	"path/filepath"
	"strings"
	"time"
)

// Process is a running server.
type Process struct {
	command *exec.Cmd
	log     *os.File
}

// Launch starts a program whose output goes to NAME.log in a folder. Each of env
// is NAME=value and overrides the environment.
func Launch(ctx context.Context, dir, name string, env []string, binary string, arguments ...string) (*Process, error) {
	log, err := os.Create( //nolint:gosec // a file of this run's own folder
		filepath.Join(dir, strings.ReplaceAll(name, " ", "")+".log"),
	)
	if err != nil {
		return nil, err
	}
	p := &Process{
		log:     log,
		command: exec.CommandContext(ctx, binary, arguments...), //nolint:gosec // the binaries are the caller's
	}
	p.command.Stdout, p.command.Stderr = log, log
	p.command.Env = append(os.Environ(), env...)
	if err := p.command.Start(); err != nil {
		return nil, fmt.Errorf("starting %s: %w", name, err)
	}
	return p, nil
}

// ID returns the process ID.
func (p *Process) ID() int { return p.command.Process.Pid }

// Stop ends the process.
func (p *Process) Stop() {
	_ = p.command.Process.Kill() // it may have ended already
	_ = p.command.Wait()         // the status says that it was killed
	_ = p.log.Close()            // nobody reads it any more
}

// Key is an access key.
type Key struct{ ID, Secret string }

// ReadKey waits for a file that a sandbox writes an account's key to.
func ReadKey(ctx context.Context, path string) (Key, error) {
	var key Key
	err := Until(ctx, func() error {
		text, err := os.ReadFile(path) //nolint:gosec // a file of this run's own folder
		if err != nil {
			return err
		}
		for line := range strings.Lines(string(text)) {
			name, value, _ := strings.Cut(strings.TrimPrefix(strings.TrimSpace(line), "export "), "=")
			switch name {
			case "AWS_ACCESS_KEY_ID":
				key.ID = value
			case "AWS_SECRET_ACCESS_KEY":
				key.Secret = value
			}
		}
		return nil
	})
	return key, err
}

// Until calls try until it succeeds, for at most a minute.
func Until(ctx context.Context, try func() error) error {
	ctx, cancel := context.WithTimeout(ctx, time.Minute)
	defer cancel()
	for {
		err := try()
		if err == nil {
			return nil
		}
		select {
		case <-ctx.Done():
			return errors.Join(ctx.Err(), err)
		case <-time.After(50 * time.Millisecond):
		}
	}
}

// Free returns a free loopback address.
func Free(ctx context.Context) (string, error) {
	listener, err := (&net.ListenConfig{}).Listen(ctx, "tcp", "127.0.0.1:0")
	if err != nil {
		return "", err
	}
	return listener.Addr().String(), listener.Close()
}
