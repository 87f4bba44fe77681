// Command pack writes the programs of internal/machine as they travel: go generate ./internal/machine
package main

import (
	"log"
	"os"
	"path/filepath"

	"github.com/korakagazindia/provisioner/internal/machine"
)

func main() {
	for _, program := range machine.Programs {
		packed, err := machine.Pack(program.Text())
		if err != nil {
			log.Fatal(err)
		}
		if err := os.WriteFile(filepath.Join("packed", program.Name), []byte(packed), 0o644); err != nil {
			log.Fatal(err)
		}
	}
}
