package client

import (
	"bufio"
	"context"
	"encoding/json"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"strconv"
	"strings"
	"time"
)

// AuditEntry is one decision or action in the audit log.
type AuditEntry struct {
	Workspace     string            `json:"workspace"` // ID
	Seq           int64             `json:"seq"`       // from 1, without gaps
	Time          time.Time         `json:"time"`
	Actor         AuditActor        `json:"actor"`
	Action        string            `json:"action"` // "integration.create"
	Resource      AuditResource     `json:"resource"`
	Outcome       string            `json:"outcome"` // allowed, denied, done
	Reason        string            `json:"reason"`
	RequestID     string            `json:"request_id,omitempty"`
	Address       string            `json:"address,omitempty"`
	AWSRequestIDs []string          `json:"aws_request_ids,omitempty"`
	Detail        map[string]string `json:"detail,omitempty"`
	Hash          string            `json:"hash"`
}

// AuditActor is the caller that acted.
type AuditActor struct {
	Kind string `json:"kind"` // member, secret, publishable, workload, system, anonymous
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// AuditResource is the resource that the action concerned.
type AuditResource struct {
	Workspace string `json:"workspace,omitempty"`
	Kind      string `json:"kind"`
	ID        string `json:"id,omitempty"`
}

// AuditFilter selects audit entries. Empty fields match every entry.
type AuditFilter struct {
	Actor, Resource string // IDs
	Action          string // "integration.create", or "integration." for all of its kind
	Outcome         string
	Request         string // request ID
	Since, Until    time.Time
	Reads           bool // include entries that only record reads
}

// AuditReport is the result of verifying the chain of audit entries.
type AuditReport struct {
	Holds   bool        `json:"holds"`
	Entries int64       `json:"entries"` // number of the last valid entry
	Head    string      `json:"head"`    // "number:hash" of the last valid entry
	Break   *AuditBreak `json:"break,omitempty"`
	Start   string      `json:"start,omitempty"`   // head before the first entry of a file that begins later
	Missing []string    `json:"missing,omitempty"` // archive files that weren't read
}

// AuditBreak is the first invalid entry.
type AuditBreak struct {
	Seq    int64  `json:"seq"`
	Reason string `json:"reason"`
}

// Audit lists entries, newest first. A page may have few entries or none and
// still have a next page.
func (c *Client) Audit(ctx context.Context, filter AuditFilter, options PageOptions) (Page[AuditEntry], error) {
	q := options.query()
	for name, value := range map[string]string{
		"actor": filter.Actor, "resource": filter.Resource, "action": filter.Action, "outcome": filter.Outcome,
		"request": filter.Request,
	} {
		if value != "" {
			q.Set(name, value)
		}
	}
	for name, at := range map[string]time.Time{"since": filter.Since, "until": filter.Until} {
		if !at.IsZero() {
			q.Set(name, at.Format(time.RFC3339Nano))
		}
	}
	if filter.Reads {
		q.Set("reads", strconv.FormatBool(true))
	}
	return ask[Page[AuditEntry]](ctx, c, http.MethodGet, c.in("audit"), q, nil)
}

// VerifyAudit verifies the chain of entries. head comes from the report of an
// earlier verification and must still be part of the chain; it may be empty.
func (c *Client) VerifyAudit(ctx context.Context, head string) (AuditReport, error) {
	q := url.Values{}
	if head != "" {
		q.Set("head", head)
	}
	return ask[AuditReport](ctx, c, http.MethodGet, c.in("audit", "verification"), q, nil)
}

// ExportAudit writes the whole chain to w as JSON Lines, oldest first. It
// returns an error if the export ends early.
func (c *Client) ExportAudit(ctx context.Context, w io.Writer) error {
	response, err := c.send(ctx, http.MethodGet, c.in("audit", "export"), nil, "", nil)
	if err != nil {
		return err
	}
	defer func() { _ = response.Body.Close() }()
	last := &lastLine{}
	if _, err := io.Copy(w, io.TeeReader(response.Body, last)); err != nil {
		return fmt.Errorf("reading the export: %w", err)
	}
	var e AuditEntry
	if err := json.Unmarshal(last.whole, &e); err == nil && last.complete() &&
		fmt.Sprintf("%d:%s", e.Seq, e.Hash) == response.Header.Get("X-Audit-Head") {
		return nil
	}
	if response.Header.Get("X-Audit-Head") == "0:" {
		return nil // the log is empty
	}
	return fmt.Errorf(
		"the export ended after entry %d of %s",
		e.Seq,
		strings.SplitN(response.Header.Get("X-Audit-Head"), ":", 2)[0],
	)
}

// lastLine has the last whole line written to it, and the partial line after
// it.
type lastLine struct{ whole, part []byte }

// Write stores the last line of p. It never returns an error.
func (l *lastLine) Write(p []byte) (int, error) {
	n := len(p)
	for len(p) > 0 {
		advance, _, _ := bufio.ScanLines(p, false)
		if advance == 0 {
			l.part = append(l.part, p...)
			break
		}
		l.whole = append(append(l.whole[:0], l.part...), p[:advance]...)
		l.part, p = l.part[:0], p[advance:]
	}
	return n, nil
}

// complete reports whether the last line ended.
func (l *lastLine) complete() bool { return len(l.part) == 0 }
