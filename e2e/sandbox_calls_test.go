package e2e

import (
	"bytes"
	"encoding/json"
	"fmt"
	"math/rand/v2"
	"os"
	"path/filepath"
	"regexp"
	"strconv"
	"strings"
	"testing"
	"time"

	"gopkg.in/yaml.v3"

	"github.com/windlass-io/windlass/internal/sandbox/fault"
)

// script is a file of testdata/calls: calls to one sandbox, in order, and
// AWS's responses to them. Each runs with the aws command, boto3 and the Go
// SDK.
type script struct {
	Texts map[string]string `yaml:"texts"` // that steps may name
	Steps []step            `yaml:"steps"`
}

// step is a call, or a change of the sandbox's circumstances. In every text,
// <name> is replaced with the value kept under that name, and <name.Path>
// with a part of it; see [world.fill] for the rest.
type step struct {
	Note string `yaml:"note"`
	// the caller: the name of kept credentials, the credentials, or empty for the last
	// caller
	As    any               `yaml:"as"`
	Call  string            `yaml:"call"`  // "iam CreateUser"
	With  map[string]any    `yaml:"with"`  // its parameters, by AWS's names
	Want  string            `yaml:"want"`  // "AccessDenied 403"; empty: success
	Says  string            `yaml:"says"`  // a part of the error's message
	Has   map[string]any    `yaml:"has"`   // parts of the response, by path
	Keep  map[string]string `yaml:"keep"`  // name: path in the response, "." for all
	Times int               `yaml:"times"` // how often, <n> being 1, 2…; default once
	Clock string            `yaml:"clock"` // from now on the sandbox's clock is so far from the true one
	Fault string            `yaml:"fault"` // from now on; "none" ends all
	Only  string            `yaml:"only"`  // "boto3 cli": clients that can send it
}

// answer is a client's result of a call.
type answer struct {
	Output  map[string]any // parsed from JSON
	Code    string         // AWS's error code; empty: success
	Status  int
	Message string
}

// actor has the credentials of a call.
type actor struct{ AccessKeyID, SecretAccessKey, SessionToken string }

// caller makes calls with one of the clients.
type caller interface {
	call(t *testing.T, who actor, service, operation string, parameters map[string]any) answer
}

// TestSandboxCalls runs every script with every client.
func TestSandboxCalls(t *testing.T) {
	t.Parallel()
	files, err := filepath.Glob("testdata/calls/*.yaml")
	if err != nil || len(files) == 0 {
		t.Fatalf("there are %d scripts: %v", len(files), err)
	}
	total := 0
	for _, file := range files {
		s := readScript(t, file)
		total += s.calls()
		for name, start := range map[string]func(*testing.T, *callRig) caller{
			"cli":   newCLICaller,
			"boto3": newBoto3Caller, "go": newGoCaller,
		} {
			t.Run(strings.TrimSuffix(filepath.Base(file), ".yaml")+"/"+name, func(t *testing.T) {
				t.Parallel()
				rig := newCallRig(t)
				w := &world{T: t, rig: rig, caller: start(t, rig), client: name, kept: rig.accounts(), texts: s.Texts}
				for i := range s.Steps {
					w.run(&s.Steps[i])
				}
			})
		}
	}
	if total < 60 {
		t.Errorf("the scripts have %d calls; at least 60 are wanted", total)
	}
}

func readScript(t *testing.T, file string) *script {
	t.Helper()
	text, err := os.ReadFile(file)
	if err != nil {
		t.Fatal(err)
	}
	decoder := yaml.NewDecoder(bytes.NewReader(text))
	decoder.KnownFields(true)
	s := &script{}
	if err := decoder.Decode(s); err != nil {
		t.Fatalf("%s: %v", file, err)
	}
	return s
}

func (s *script) calls() int {
	n := 0
	for _, step := range s.Steps {
		if step.Call != "" {
			n += max(1, step.Times)
		}
	}
	return n
}

// world is a running script with one client.
type world struct {
	*testing.T
	rig    *callRig
	caller caller
	client string
	kept   map[string]any
	texts  map[string]string
	who    actor
}

func (w *world) run(s *step) {
	w.Helper()
	if s.Clock != "" {
		ahead, err := time.ParseDuration(s.Clock)
		if err != nil {
			w.Fatal(err)
		}
		w.rig.ahead.Store(int64(ahead))
	}
	if s.Fault != "" {
		w.breakIt(s.Fault)
	}
	if s.Call == "" || s.Only != "" && !strings.Contains(s.Only, w.client) {
		return
	}
	for n := range max(1, s.Times) {
		w.kept["n"] = strconv.Itoa(n + 1)
		w.make(s)
	}
}

func (w *world) breakIt(line string) {
	w.Helper()
	w.rig.box.Faults().Clear()
	if line == "none" {
		return
	}
	f, err := fault.Parse(w.fill(line))
	if err == nil {
		_, err = w.rig.box.Faults().Add(f)
	}
	if err != nil {
		w.Fatal(err)
	}
}

// make makes a call and compares the response with the expected one.
func (w *world) make(s *step) {
	w.Helper()
	if s.As != nil {
		w.who = w.actor(s.As)
	}
	service, operation, _ := strings.Cut(s.Call, " ")
	parameters, _ := w.filled(s.With).(map[string]any)
	got := w.caller.call(w.T, w.who, service, operation, parameters)
	title := s.Call
	if s.Note != "" {
		title += ", " + s.Note
	}
	code, status := s.Want, 200
	if s.Want != "" {
		if _, err := fmt.Sscanf(s.Want, "%s %d", &code, &status); err != nil {
			w.Fatalf("%s: want %q is no code and status", title, s.Want)
		}
	}
	if got.Code != code || s.Want != "" && got.Status != status {
		w.Errorf("%s: got %q %d (%s), want %q %d", title, got.Code, got.Status, got.Message, code, status)
	}
	if says := w.fill(s.Says); !strings.Contains(got.Message, says) {
		w.Errorf("%s: the message is %q, want in it %q", title, got.Message, says)
	}
	for path, want := range s.Has {
		if have := text(at(got.Output, path)); have != text(w.filled(want)) {
			w.Errorf("%s: %s is %s, want %s", title, path, have, text(w.filled(want)))
		}
	}
	for name, path := range s.Keep {
		value := at(got.Output, path)
		if value == nil {
			w.Fatalf("%s: there is no %s to keep in %s", title, path, text(got.Output))
		}
		w.kept[name] = value
	}
}

// actor returns credentials by their name, or as written.
func (w *world) actor(as any) actor {
	w.Helper()
	if name, ok := as.(string); ok {
		if name == "anonymous" {
			return actor{}
		}
		as = w.kept[name]
		if as == nil {
			w.Fatalf("there are no credentials %q", name)
		}
	}
	fields, _ := w.filled(as).(map[string]any)
	get := func(name string) string { value, _ := fields[name].(string); return value }
	return actor{get("AccessKeyId"), get("SecretAccessKey"), get("SessionToken")}
}

// filled fills every text in a value.
func (w *world) filled(value any) any {
	switch v := value.(type) {
	case string:
		return w.fill(v)
	case []any:
		out := make([]any, len(v))
		for i := range v {
			out[i] = w.filled(v[i])
		}
		return out
	case map[string]any:
		out := map[string]any{}
		for name := range v {
			out[name] = w.filled(v[name])
		}
		return out
	}
	return value
}

var (
	repeated = regexp.MustCompile(`<(\w+) x (\d+)>`)
	random   = regexp.MustCompile(`<random (\d+)>`)
	named    = regexp.MustCompile(`<([\w. -]+?)>`)
)

// fill fills a text: <name> with a kept value or one of the script's texts,
// <a x 10> with ten times a, <random 10> with ten random letters.
func (w *world) fill(s string) string {
	w.Helper()
	s = repeated.ReplaceAllStringFunc(s, func(m string) string {
		parts := repeated.FindStringSubmatch(m)
		n, _ := strconv.Atoi(parts[2])
		return strings.Repeat(parts[1], n)
	})
	s = random.ReplaceAllStringFunc(s, func(m string) string {
		n, _ := strconv.Atoi(random.FindStringSubmatch(m)[1])
		letters := make([]byte, n)
		for i := range letters {
			letters[i] = byte('a' + rand.IntN(26))
		}
		return string(letters)
	})
	return named.ReplaceAllStringFunc(s, func(m string) string {
		name := m[1 : len(m)-1]
		if value, ok := w.texts[name]; ok {
			return w.fill(value)
		}
		value := at(w.kept, name)
		if value == nil {
			return m // it is not for us
		}
		return text(value)
	})
}

// at returns the value at a path of names and numbers, such as
// "Users.0.UserName". "#" is the number of items, "." the whole.
func at(value any, path string) any {
	if path == "." {
		return value
	}
	for name := range strings.SplitSeq(path, ".") {
		switch v := value.(type) {
		case map[string]any:
			value = v[name]
		case []any:
			n, err := strconv.Atoi(name)
			switch {
			case name == "#":
				value = len(v)
			case err != nil || n >= len(v):
				return nil
			default:
				value = v[n]
			}
		default:
			if name == "#" && value == nil {
				return 0
			}
			return nil
		}
	}
	return value
}

// text writes a value for comparison: a text unchanged, others as JSON.
func text(value any) string {
	if s, ok := value.(string); ok {
		return s
	}
	data, err := json.Marshal(value)
	if err != nil {
		return err.Error()
	}
	return string(data)
}
