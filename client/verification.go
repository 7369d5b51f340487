package client

import (
	"bufio"
	"bytes"
	"context"
	"encoding/json"
	"errors"
	"fmt"
	"io"
	"net/http"
	"net/url"
	"time"
)

// Verification is one run of the doctor for an integration.
type Verification struct {
	ID        string              `json:"id"`
	State     string              `json:"state"` // running, verified, failing, insecure, propagating
	Reason    string              `json:"reason,omitempty"`
	Trigger   string              `json:"trigger"` // asked, edited, settled, timer
	By        string              `json:"by,omitempty"`
	Subject   VerificationSubject `json:"subject"`
	Checks    []Check             `json:"checks"`
	StartedAt time.Time           `json:"started_at"`
	EndedAt   time.Time           `json:"ended_at,omitzero"`
	AgainAt   time.Time           `json:"again_at,omitzero"` // when it runs again automatically
	// in lists: the checks whose status changed since the previous
	// verification
	Changes []CheckChange `json:"changes,omitempty"`
}

// CheckChange is a check whose status changed since the previous verification.
type CheckChange struct {
	Code string `json:"code"`
	Was  string `json:"was"`
	Is   string `json:"is"`
}

// VerificationSubject is the integration as it was when it was verified.
type VerificationSubject struct {
	Revision     int64      `json:"revision"`
	Name         string     `json:"name"`
	PrincipalARN string     `json:"principal_arn"`
	RoleARN      string     `json:"role_arn"`
	ExternalID   string     `json:"external_id"`
	Locations    []Location `json:"locations"`
	Access       string     `json:"access"`
}

// Check is one question to AWS and its result.
type Check struct {
	Code       string    `json:"code"`
	Title      string    `json:"title"`
	Status     string    `json:"status"` // pass, fail, warn, skip
	Detail     string    `json:"detail"`
	WaitsFor   string    `json:"waits_for,omitempty"`
	Calls      []AWSCall `json:"calls"`
	CauseCode  string    `json:"cause_code,omitempty"`
	Cause      string    `json:"cause,omitempty"`
	Fix        *Fix      `json:"fix,omitempty"`
	DurationMS int64     `json:"duration_ms"`
}

// AWSCall is a call to AWS and the response.
type AWSCall struct {
	Action     string `json:"action"`
	Resource   string `json:"resource"`
	Status     int    `json:"status"` // HTTP status; 0 when there was no response
	ErrorCode  string `json:"error_code,omitempty"`
	RequestID  string `json:"request_id,omitempty"`
	DurationMS int64  `json:"duration_ms"`
}

// Fix describes what to change.
type Fix struct {
	Text     string          `json:"text"`
	Where    string          `json:"where,omitempty"`
	Document json.RawMessage `json:"document,omitempty"`
	Diff     string          `json:"diff,omitempty"`
	Command  string          `json:"command,omitempty"`
}

// Verify starts a verification, or joins the one that is running. With wait it
// returns when the verification has ended.
func (c *Client) Verify(ctx context.Context, integration string, wait bool) (Verification, error) {
	query := url.Values{}
	if wait {
		query.Set("wait", "true")
	}
	return ask[Verification](ctx, c, http.MethodPost, c.in("integrations", integration, "verifications"), query, nil)
}

// Verification returns a verification in its current state.
func (c *Client) Verification(ctx context.Context, integration, verification string) (Verification, error) {
	return ask[Verification](
		ctx,
		c,
		http.MethodGet,
		c.in("integrations", integration, "verifications", verification),
		nil,
		nil,
	)
}

// Verifications lists an integration's verifications, newest first.
func (c *Client) Verifications(
	ctx context.Context,
	integration string,
	options PageOptions,
) (Page[Verification], error) {
	return ask[Page[Verification]](
		ctx,
		c,
		http.MethodGet,
		c.in("integrations", integration, "verifications"),
		options.query(),
		nil,
	)
}

// VerificationReport returns a verification as one HTML page, for a reviewer.
func (c *Client) VerificationReport(ctx context.Context, integration, verification string) (string, error) {
	response, err := c.send(
		ctx,
		http.MethodGet,
		c.in("integrations", integration, "verifications", verification, "report"),
		nil,
		"",
		nil,
	)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }() // the body is read to its end, or reading failed
	page, err := io.ReadAll(io.LimitReader(response.Body, maxResponseBytes))
	return string(page), err
}

// errEarlyEnd is returned when the event stream ends before the verification does.
var errEarlyEnd = errors.New("the event stream ended before the verification did")

// WatchVerification calls see with each check when it is done, and returns the
// verification when it has ended.
func (c *Client) WatchVerification(
	ctx context.Context,
	integration, verification string,
	see func(Check),
) (Verification, error) {
	response, err := c.send(
		ctx,
		http.MethodGet,
		c.in("integrations", integration, "verifications", verification, "events"),
		nil,
		"",
		nil,
	)
	if err != nil {
		return Verification{}, err
	}
	defer func() { _ = response.Body.Close() }() // the rest of the body isn't needed
	lines := bufio.NewScanner(response.Body)
	lines.Buffer(nil, 1<<20)
	event := ""
	for lines.Scan() {
		name, value, _ := bytes.Cut(lines.Bytes(), []byte(": "))
		switch string(name) {
		case "event":
			event = string(value)
		case "data":
			v, ended, err := readEvent(event, value, see)
			if err != nil || ended {
				return v, err
			}
		}
	}
	if err := lines.Err(); err != nil {
		return Verification{}, fmt.Errorf("reading the events of verification %s: %w", verification, err)
	}
	return Verification{}, errEarlyEnd
}

func readEvent(event string, data []byte, see func(Check)) (v Verification, ended bool, err error) {
	switch event {
	case "check":
		var check Check
		if err := json.Unmarshal(data, &check); err != nil {
			return v, false, fmt.Errorf("reading a check: %w", err)
		}
		see(check)
	case "end":
		if err := json.Unmarshal(data, &v); err != nil {
			return v, false, fmt.Errorf("reading a verification: %w", err)
		}
		return v, true, nil
	}
	return v, false, nil
}
