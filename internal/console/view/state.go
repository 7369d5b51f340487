package view

import (
	"github.com/windlass-io/windlass/internal/console/page"
)

// IntegrationChip returns the chip of an integration's state.
func IntegrationChip(state string) page.Chip {
	switch state {
	case "reserved":
		return page.Chip{Tone: "calm", Icon: "circle-dashed", Label: "Reserved"}
	case "unverified":
		return page.Chip{Tone: "", Icon: "circle-question-mark", Label: "Unverified"}
	case "propagating":
		return page.Chip{Tone: "calm", Icon: "hourglass", Label: "Propagating"}
	case "verified":
		return page.Chip{Tone: "good", Icon: "shield-check", Label: "Verified"}
	case "failing":
		return page.Chip{Tone: "bad", Icon: "circle-x", Label: "Failing"}
	case "insecure":
		return page.Chip{Tone: "bad", Icon: "shield-alert", Label: "Insecure"}
	case "disabled":
		return page.Chip{Tone: "", Icon: "ban", Label: "Disabled"}
	case "removed":
		return page.Chip{Tone: "", Icon: "trash-2", Label: "Removed"}
	case "running":
		return page.Chip{Tone: "calm", Icon: "loader-circle", Label: "Verifying"}
	}
	return page.Chip{Tone: "", Icon: "circle-question-mark", Label: state}
}

// CheckMark returns a check's status: its icon, and the word for people who can't see
// it.
func CheckMark(status string) page.Chip {
	switch status {
	case "pass":
		return page.Chip{Tone: "good", Icon: "circle-check", Label: "Passed"}
	case "warn":
		return page.Chip{Tone: "warn", Icon: "triangle-alert", Label: "Warning"}
	case "fail":
		return page.Chip{Tone: "bad", Icon: "circle-x", Label: "Failed"}
	case "skip":
		return page.Chip{Tone: "", Icon: "circle-minus", Label: "Skipped"}
	case "running":
		return page.Chip{Tone: "calm", Icon: "loader-circle", Label: "Running"}
	}
	return page.Chip{Tone: "", Icon: "circle-dashed", Label: "Waiting"}
}
