package integrations

import (
	"testing"
)

func TestSetupSteps(t *testing.T) {
	t.Parallel()
	steps := setupSteps("1. Open **IAM** & `<policy>`.\n2. Paste:\n\n   ```json\n   {\n     \"a\": 1\n   }\n   ```\n\n3. Done.\n")
	if len(steps) != 3 {
		t.Fatalf("%d steps, want 3: %v", len(steps), steps)
	}
	if want := "Open <strong>IAM</strong> &amp; <code>&lt;policy&gt;</code>."; string(steps[0].Text) != want {
		t.Errorf("step 1 is %q, want %q", steps[0].Text, want)
	}
	if want := "{\n  \"a\": 1\n}"; steps[1].Code != want || string(steps[1].Text) != "Paste:" {
		t.Errorf("step 2 is %q with %q, want the document outdented", steps[1].Text, steps[1].Code)
	}
}
