package console

// integrationChip returns the chip of an integration's state.
func integrationChip(state string) chip {
	switch state {
	case "reserved":
		return chip{"calm", "circle-dashed", "Reserved"}
	case "unverified":
		return chip{"", "circle-question-mark", "Not verified"}
	case "propagating":
		return chip{"calm", "hourglass", "IAM is spreading the change"}
	case "verified":
		return chip{"good", "shield-check", "Verified"}
	case "failing":
		return chip{"bad", "circle-x", "Failing"}
	case "insecure":
		return chip{"bad", "shield-alert", "Insecure"}
	case "disabled":
		return chip{"", "ban", "Switched off"}
	case "removed":
		return chip{"", "trash-2", "Removed"}
	case "running":
		return chip{"calm", "loader-circle", "Verifying"}
	}
	return chip{"", "circle-question-mark", state}
}

// checkMark returns a check's status: its icon, and the word for people who can't see
// it.
func checkMark(status string) chip {
	switch status {
	case "pass":
		return chip{"good", "circle-check", "Passed"}
	case "warn":
		return chip{"warn", "triangle-alert", "Warning"}
	case "fail":
		return chip{"bad", "circle-x", "Failed"}
	case "skip":
		return chip{"", "circle-minus", "Skipped"}
	case "running":
		return chip{"calm", "loader-circle", "Running"}
	}
	return chip{"", "circle-dashed", "Waiting"}
}
