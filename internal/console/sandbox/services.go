package sandbox

// Services has the parts of the domain that the pages use. Every field without
// "optional" is required.
type Services struct {
	Sandbox Sandbox
}
