package e2e

import (
	"bufio"
	"bytes"
	"encoding/json"
	"fmt"
	"io"
	"os"
	"os/exec"
	"path/filepath"
	"regexp"
	"slices"
	"strings"
	"testing"

	"github.com/windlass-io/windlass/internal/testkit/programtest"
)

// worker is a Python process that responds to each line of JSON with one line.
type worker struct {
	in  io.Writer
	out *bufio.Reader
}

// hasModule reports whether Python has a module.
func hasModule(t *testing.T, module string) bool {
	t.Helper()
	return exec.CommandContext(t.Context(), "python3", "-c", "import "+module).Run() == nil
}

func startWorker(t *testing.T, rig *callRig, program string) *worker {
	t.Helper()
	command := exec.CommandContext(t.Context(), "python3", filepath.Join("testdata/calls", program))
	command.Env, command.Stderr = rig.environment(), os.Stderr
	in, err := command.StdinPipe()
	if err != nil {
		t.Fatal(err)
	}
	out, err := command.StdoutPipe()
	if err != nil {
		t.Fatal(err)
	}
	if err := command.Start(); err != nil {
		t.Fatal(err)
	}
	t.Cleanup(func() {
		_ = in.Close()
		if err := command.Wait(); err != nil && t.Context().Err() == nil {
			t.Errorf("%s: %v", program, err)
		}
	})
	return &worker{in, bufio.NewReader(out)}
}

// ask sends a line and decodes the response.
func (w *worker) ask(t *testing.T, question, answer any) {
	t.Helper()
	if err := json.NewEncoder(w.in).Encode(question); err != nil {
		t.Fatal(err)
	}
	line, err := w.out.ReadBytes('\n')
	if err != nil {
		t.Fatalf("the Python process ended: %v", err)
	}
	if err := json.Unmarshal(line, answer); err != nil {
		t.Fatalf("the Python process says %s: %v", line, err)
	}
}

// boto3Caller calls boto3.
type boto3Caller struct{ worker *worker }

func newBoto3Caller(t *testing.T, rig *callRig) caller {
	t.Helper()
	programtest.Need(t, "python3")
	if !hasModule(t, "boto3") {
		if os.Getenv("CI") != "" {
			t.Fatal("boto3 is not installed, and CI needs it")
		}
		t.Skip("SKIPPED: boto3 is not installed; install it to run this test")
	}
	return &boto3Caller{startWorker(t, rig, "boto3_calls.py")}
}

func (c *boto3Caller) call(t *testing.T, who actor, service, operation string, parameters map[string]any) answer {
	t.Helper()
	if parameters == nil {
		parameters = map[string]any{}
	}
	var got answer
	c.worker.ask(t, map[string]any{"who": who, "service": service, "operation": operation, "parameters": parameters},
		&got)
	return got
}

// cliCaller runs the aws command: if Python can import it, in one process for
// all calls, which is much faster, else in one process for each.
type cliCaller struct {
	rig    *callRig
	worker *worker // nil: a process for each
}

func newCLICaller(t *testing.T, rig *callRig) caller {
	t.Helper()
	programtest.Need(t, "aws")
	c := &cliCaller{rig: rig}
	if hasModule(t, "awscli.clidriver") {
		c.worker = startWorker(t, rig, "cli_calls.py")
	}
	return c
}

// printed has the output of the aws command and its status.
type printed struct {
	Status   int
	Out, Err string
}

func (c *cliCaller) run(t *testing.T, who actor, args []string) printed {
	t.Helper()
	var p printed
	if c.worker != nil {
		c.worker.ask(t, map[string]any{"args": args, "environment": who.identity()}, &p)
		return p
	}
	command := exec.CommandContext(t.Context(), "aws", args...)
	command.Env = c.rig.environment()
	for name, value := range who.identity() {
		command.Env = append(command.Env, name+"="+value)
	}
	var out, errs bytes.Buffer
	command.Stdout, command.Stderr = &out, &errs
	if err := command.Run(); err != nil {
		p.Status = command.ProcessState.ExitCode()
	}
	p.Out, p.Err = out.String(), errs.String()
	return p
}

var (
	firstCapital = regexp.MustCompile(`(.)([A-Z][a-z]+)`)
	lastCapital  = regexp.MustCompile(`([a-z0-9])([A-Z])`)
	cliError     = regexp.MustCompile(`(?s)An error occurred \((\S+)\) when calling the \w+ operation(?: \(reached max retries: \d+\))?: ?(.*)`)
)

// dashed returns the aws command's spelling of a name: "ListObjectsV2",
// "list-objects-v2".
func dashed(name string) string {
	return strings.ToLower(lastCapital.ReplaceAllString(firstCapital.ReplaceAllString(name, "$1-$2"), "$1-$2"))
}

// flags returns parameters as the options that a person would type.
func flags(t *testing.T, parameters map[string]any) []string {
	t.Helper()
	var args []string
	for name, value := range parameters {
		switch v := value.(type) {
		case bool:
			args = append(args, map[bool]string{true: "--", false: "--no-"}[v]+dashed(name))
		case string:
			args = append(args, "--"+dashed(name)+"="+v)
		default:
			data, err := json.Marshal(v)
			if err != nil {
				t.Fatal(err)
			}
			args = append(args, fmt.Sprintf("--%s=%s", dashed(name), data))
		}
	}
	slices.Sort(args)
	return args
}

func (c *cliCaller) call(t *testing.T, who actor, service, operation string, parameters map[string]any) answer {
	t.Helper()
	args := []string{
		map[string]string{"s3": "s3api", "iam": "iam", "sts": "sts", "kms": "kms"}[service],
		dashed(operation), "--output", "json",
	}
	if body, ok := parameters["Body"].(string); ok {
		path := filepath.Join(c.rig.dir, "body")
		if err := os.WriteFile(path, []byte(body), 0o600); err != nil {
			t.Fatal(err)
		}
		parameters["Body"] = path
	}
	args = append(args, flags(t, parameters)...)
	if who.AccessKeyID == "" {
		args = append(args, "--no-sign-request")
	}
	saved := filepath.Join(c.rig.dir, "saved")
	if operation == "GetObject" {
		args = append(args, saved)
	}
	p := c.run(t, who, args)
	if p.Status != 0 {
		match := cliError.FindStringSubmatch(p.Err)
		if match == nil {
			t.Fatalf("aws %s ends with %d: %s", strings.Join(args, " "), p.Status, p.Err)
		}
		return answer{Code: match[1], Status: int(c.rig.status.Load()), Message: strings.TrimSpace(match[2])}
	}
	output := map[string]any{}
	if strings.TrimSpace(p.Out) != "" {
		if err := json.Unmarshal([]byte(p.Out), &output); err != nil {
			t.Fatalf("aws %s prints %q: %v", strings.Join(args, " "), p.Out, err)
		}
	}
	if operation == "GetObject" {
		body, err := os.ReadFile(saved)
		if err != nil {
			t.Fatal(err)
		}
		output["Body"] = string(body)
	}
	return answer{Output: output}
}
