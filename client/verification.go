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

// Verification is a run of the doctor over an integration.
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
	AgainAt   time.Time           `json:"again_at,omitzero"` // when it is tried again by itself
	Changes   []CheckChange       `json:"changes,omitempty"` // in a list: what came out otherwise than in the verification before it
}

// CheckChange is a check whose status is another than in the verification
// before.
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

// Check is one question that was put to AWS, and what came back.
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

// AWSCall is a call to AWS and its answer.
type AWSCall struct {
	Action     string `json:"action"`
	Resource   string `json:"resource"`
	Status     int    `json:"status"` // HTTP status; 0 when no answer came
	ErrorCode  string `json:"error_code,omitempty"`
	RequestID  string `json:"request_id,omitempty"`
	DurationMS int64  `json:"duration_ms"`
}

// Fix is what to change.
type Fix struct {
	Text     string          `json:"text"`
	Where    string          `json:"where,omitempty"`
	Document json.RawMessage `json:"document,omitempty"`
	Diff     string          `json:"diff,omitempty"`
	Command  string          `json:"command,omitempty"`
}

// Verify begins a verification, or joins the one that runs. With wait the
// answer comes when it has ended.
func (c *Client) Verify(ctx context.Context, integration string, wait bool) (Verification, error) {
	query := url.Values{}
	if wait {
		query.Set("wait", "true")
	}
	return ask[Verification](ctx, c, http.MethodPost, c.in("integrations", integration, "verifications"), query, nil)
}

// Verification gives one verification as it is now.
func (c *Client) Verification(ctx context.Context, integration, verification string) (Verification, error) {
	return ask[Verification](ctx, c, http.MethodGet, c.in("integrations", integration, "verifications", verification), nil, nil)
}

// Verifications lists an integration's verifications, newest first.
func (c *Client) Verifications(ctx context.Context, integration string, options PageOptions) (Page[Verification], error) {
	return ask[Page[Verification]](ctx, c, http.MethodGet, c.in("integrations", integration, "verifications"), options.query(), nil)
}

// VerificationReport gives a verification as one page of HTML, to be handed to
// a reviewer.
func (c *Client) VerificationReport(ctx context.Context, integration, verification string) (string, error) {
	response, err := c.send(ctx, http.MethodGet, c.in("integrations", integration, "verifications", verification, "report"), nil, "", nil)
	if err != nil {
		return "", err
	}
	defer func() { _ = response.Body.Close() }() // it was read to its end, or the reading has failed
	page, err := io.ReadAll(io.LimitReader(response.Body, maxAnswerBytes))
	return string(page), err
}

// errCut says that the events ended before the verification did.
var errCut = errors.New("the events of the verification ended before it did")

// WatchVerification calls see with each check as it is done, and gives the
// verification when it has ended.
func (c *Client) WatchVerification(ctx context.Context, integration, verification string, see func(Check)) (Verification, error) {
	response, err := c.send(ctx, http.MethodGet, c.in("integrations", integration, "verifications", verification, "events"), nil, "", nil)
	if err != nil {
		return Verification{}, err
	}
	defer func() { _ = response.Body.Close() }() // nothing is left to be read
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
	return Verification{}, errCut
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
