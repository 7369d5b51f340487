//go:build !unix

package job

import "os"

// Signals returns the signals that are passed on to a command.
func Signals() []os.Signal { return []os.Signal{os.Interrupt} }

func exitStatus(state *os.ProcessState) int { return state.ExitCode() }
