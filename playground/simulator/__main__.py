import sys

from playground.simulator.command import main

sys.exit(main())
