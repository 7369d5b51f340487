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

// AuditEntry is one thing that was decided or done.
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

// AuditActor is who acted.
type AuditActor struct {
	Kind string `json:"kind"` // member, secret, publishable, workload, system, anonymous
	ID   string `json:"id,omitempty"`
	Name string `json:"name,omitempty"`
}

// AuditResource is what was acted upon.
type AuditResource struct {
	Workspace string `json:"workspace,omitempty"`
	Kind      string `json:"kind"`
	ID        string `json:"id,omitempty"`
}

// AuditFilter narrows a list of entries; empty members let all through.
type AuditFilter struct {
	Actor, Resource string // IDs
	Action          string // "integration.create", or "integration." for all of its kind
	Outcome         string
	Request         string // request ID
	Since, Until    time.Time
	Reads           bool // include the entries that only tell that data was read
}

// AuditReport is what a walk along the chain of entries found.
type AuditReport struct {
	Holds   bool        `json:"holds"`
	Entries int64       `json:"entries"` // that hold, from the first on
	Head    string      `json:"head"`    // "number:hash" of the last of those
	Break   *AuditBreak `json:"break,omitempty"`
}

// AuditBreak is the first entry that does not hold.
type AuditBreak struct {
	Seq    int64  `json:"seq"`
	Reason string `json:"reason"`
}

// Audit lists entries, newest first. A page may be short, or empty, and have a
// next one.
func (c *Client) Audit(ctx context.Context, filter AuditFilter, options PageOptions) (Page[AuditEntry], error) {
	q := options.query()
	for name, value := range map[string]string{
		"actor": filter.Actor, "resource": filter.Resource, "action": filter.Action, "outcome": filter.Outcome, "request": filter.Request,
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

// VerifyAudit walks the chain of entries. head, from the report of an earlier
// walk, must still be part of it; it may be empty.
func (c *Client) VerifyAudit(ctx context.Context, head string) (AuditReport, error) {
	q := url.Values{}
	if head != "" {
		q.Set("head", head)
	}
	return ask[AuditReport](ctx, c, http.MethodGet, c.in("audit", "verification"), q, nil)
}

// ExportAudit writes the whole chain to w as JSON Lines, oldest first. What
// breaks off is an error.
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
	if err := json.Unmarshal(last.line(), &e); err == nil && fmt.Sprintf("%d:%s", e.Seq, e.Hash) == response.Header.Get("X-Audit-Head") {
		return nil
	}
	if response.Header.Get("X-Audit-Head") == "0:" {
		return nil // nothing was recorded yet
	}
	return fmt.Errorf("the export broke off after entry %d of %s", e.Seq, strings.SplitN(response.Header.Get("X-Audit-Head"), ":", 2)[0])
}

// lastLine keeps the last line of what is written to it.
type lastLine struct{ whole, part []byte }

// Write never fails.
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

func (l *lastLine) line() []byte {
	if len(l.part) > 0 {
		return nil // cut off in the middle
	}
	return l.whole
}
