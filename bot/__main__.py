"""`python -m bot` is the same as `hotline`."""

import sys

from bot.cli.main import main

sys.exit(main())
