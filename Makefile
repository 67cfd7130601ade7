# Everything the course needs. `make` alone lists the targets.
# Needs make and Python 3.11 or newer; all else is installed into .venv.

PYTHON ?= $(shell for p in python3 python3.14 python3.13 python3.12 python3.11; do \
	$$p -c 'import sys; sys.exit(sys.version_info < (3, 11))' 2>/dev/null && echo $$p && break; done)
PORT ?= 8000
WORKERS ?= 2
export REPOSITORY BRANCH
# A class: the folder of its secret, the list of its students, what they handed in.
KEY ?=
STUDENTS ?=
SUBMISSIONS ?=

VENV := .venv
BIN := $(VENV)/bin
SITE := _build/html
NOTEBOOKS = $(shell find book -name '*.ipynb' -not -path '*/.*' | sort)
# One thread for products of matrices: a second one, on a core that is busy, makes small ones slow.
PYTEST := OPENBLAS_NUM_THREADS=1 $(BIN)/python -m pytest -c code/pyproject.toml --rootdir . -n $(WORKERS)

.PHONY: help book test quick binder serve notebooks address lint format bench vectors pins clean key assignments grade grade-test
.DELETE_ON_ERROR:

help:
	@echo 'make book       build the website into $(SITE); REPOSITORY=https://github.com/owner/name'
	@echo '                adds the launch buttons of that repository (BRANCH=main)'
	@echo 'make test       run every test: package, notebooks, Binder files, the site in a browser;'
	@echo '                WORKERS=4 runs four at a time instead of two'
	@echo 'make quick      run the tests that need neither browser, website nor notebook run'
	@echo 'make binder     install what Binder installs and execute every notebook with it; then'
	@echo '                install the package alone and use it'
	@echo 'make serve      show the built website at http://localhost:8000 (PORT=8000)'
	@echo 'make notebooks  execute every notebook again and store what it prints and draws'
	@echo 'make address    write the address REPOSITORY=... into _config.yml and every notebook'
	@echo 'make key        make the secret of a class in a folder of its own: KEY=../key'
	@echo 'make assignments KEY=../key  make notebooks and zips for students, and the solutions;'
	@echo '                STUDENTS=students.csv gives each student a rule and numbers of their own'
	@echo 'make grade      grade what was handed in, a folder a student: SUBMISSIONS=... KEY=../key'
	@echo 'make grade-test grade a class of simulated students in every assignment; minutes'
	@echo 'make lint       check the style of code, notebooks and scripts'
	@echo 'make format     fix the style of code and notebooks where a tool can'
	@echo 'make bench      measure the speed of the package and of the interactive figure'
	@echo 'make vectors    make the reference runs of PyTorch, Optax and Keras again'
	@echo 'make pins       choose the newest versions of all packages (ONLY=numpy: of one)'
	@echo 'make clean      remove everything that make has made'

# --- environments: a stamp file in each says that its requirements are installed --------------

# $(call venv,FOLDER) makes a virtual environment or says what is missing.
define venv
	@test -n "$(PYTHON)" || { echo 'make: no Python 3.11 or newer found; install one, or name it: make PYTHON=/path/to/python3' >&2; exit 1; }
	@"$(PYTHON)" -c 'import sys; sys.exit(sys.version_info < (3, 11))' || { echo 'make: PYTHON=$(PYTHON) is not a Python 3.11 or newer; install one, or name it: make PYTHON=/path/to/python3' >&2; exit 1; }
	@test -x $(1)/bin/pip || { echo 'Making $(1)' && "$(PYTHON)" -m venv --clear $(1); } || { echo 'make: "$(PYTHON) -m venv" failed; on Debian and Ubuntu: apt-get install python3-venv' >&2; exit 1; }
endef

# $(call install,FOLDER,REQUIREMENTS) installs requirement files there and leaves the stamp.
define install
	@echo 'Installing into $(1): $(2)'
	@$(1)/bin/python -m pip install --quiet --disable-pip-version-check $(addprefix -r ,$(2)) || { echo 'make: pip could not install $(2): see its message above; without a network nothing can be installed' >&2; exit 1; }
	@touch $@
endef

$(VENV)/.site: requirements.txt code/constraints.txt code/pyproject.toml
	$(call venv,$(VENV))
	$(call install,$(VENV),requirements.txt)

$(VENV)/.tests: code/tests/requirements.txt $(VENV)/.site
	$(call install,$(VENV),code/tests/requirements.txt)

# As Binder does it: the files of .binder/, then postBuild.
.venv-binder/.installed: .binder/requirements.txt .binder/postBuild code/constraints.txt code/pyproject.toml
	$(call venv,.venv-binder)
	$(call install,.venv-binder,.binder/requirements.txt)
	@PATH="$(CURDIR)/.venv-binder/bin:$$PATH" .binder/postBuild

.venv-bench/.installed: code/bench/requirements.txt code/tests/vectors/requirements.txt code/constraints.txt code/pyproject.toml
	$(call venv,.venv-bench)
	$(call install,.venv-bench,code/bench/requirements.txt)

.venv-vectors/.installed: code/tests/vectors/requirements.txt code/constraints.txt
	$(call venv,.venv-vectors)
	$(call install,.venv-vectors,code/tests/vectors/requirements.txt)

.venv-assignments/.installed: assignments/requirements.txt code/constraints.txt code/pyproject.toml
	$(call venv,.venv-assignments)
	$(call install,.venv-assignments,assignments/requirements.txt)

# --- what readers, teachers and developers call -------------------------------------------------

# After a warning the next build begins anew: it would not look at pages that have not changed.
book: $(VENV)/.site
	@echo 'Building the website'
	@$(BIN)/jupyter-book build -W -n --keep-going . || { rm -rf _build/.doctrees; echo 'make: the book has warnings, and here each is an error; the lines with WARNING above name file and line' >&2; exit 1; }
	@echo 'The website is $(CURDIR)/$(SITE)/index.html (make serve shows it)'

test: lint book
	@$(BIN)/python code/tools/chromium.py
	@echo 'Running the tests and every notebook, $(WORKERS) at a time'
	@$(PYTEST) --dist loadfile --nbval --nbval-current-env code/tests $(NOTEBOOKS) || { echo 'make: a test failed. Where the output of a notebook changed: run "make notebooks", look at "git diff" and commit what is right' >&2; exit 1; }

quick: lint
	@echo 'Running the quick tests, $(WORKERS) at a time'
	@$(PYTEST) -m 'not site and not browser and not slow' code/tests

binder: .venv-binder/.installed
	@.venv-binder/bin/python code/tools/notebooks.py --check $(NOTEBOOKS)
	@echo 'Installing the package alone: it draws its figure and reads its data with what it asks for itself'
	@rm -rf .venv-package
	$(call venv,.venv-package)
	@.venv-package/bin/python -m pip install --quiet --disable-pip-version-check -c code/constraints.txt ./code
	@cd .venv-package && bin/python -c 'from descent import Explorer, adam, digits; digits(); Explorer(adam)._repr_mimebundle_()'

serve:
	@case '$(PORT)' in '' | *[!0-9]*) echo 'make: PORT must be a number such as 8000, got "$(PORT)"' >&2; exit 1;; esac
	@test -f $(SITE)/index.html || { echo 'make: there is no website yet; run "make book" first' >&2; exit 1; }
	@echo 'http://localhost:$(PORT) (end with Ctrl-C)'
	@$(BIN)/python -m http.server --bind 127.0.0.1 --directory $(SITE) $(PORT) || { echo 'make: port $(PORT) cannot be used; try another: make serve PORT=8001' >&2; exit 1; }

notebooks: $(VENV)/.site
	@$(BIN)/python code/tools/notebooks.py $(NOTEBOOKS)
	@$(BIN)/python code/tools/picture.py

address: $(VENV)/.site
	@$(BIN)/python code/tools/address.py $(REPOSITORY)

key assignments grade grade-test: .venv-assignments/.installed

key:
	@.venv-assignments/bin/python code/tools/release.py key '$(KEY)'

assignments:
	@.venv-assignments/bin/python code/tools/release.py make '$(KEY)' '$(STUDENTS)'

grade:
	@.venv-assignments/bin/python code/tools/grade.py '$(SUBMISSIONS)' '$(KEY)'

grade-test:
	@.venv-assignments/bin/python code/tools/grade_class.py

# ruff finds ruff.toml and oxlint .oxlintrc.json, here and in an editor.
lint: $(VENV)/.tests
	@echo 'Checking the style'
	@$(BIN)/ruff check --quiet code book || { echo 'make: fix the places above; "make format" fixes what it can' >&2; exit 1; }
	@$(BIN)/ruff format --quiet --check code book || { $(BIN)/ruff format --check code book; echo 'make: run "make format"' >&2; exit 1; }
	@$(BIN)/oxlint --quiet --format unix code/descent/explorer book/_static book/_write || { echo 'make: fix the places above' >&2; exit 1; }

format: $(VENV)/.tests
	@$(BIN)/ruff check --quiet --fix code book || true
	@$(BIN)/ruff format code book

bench: .venv-bench/.installed $(VENV)/.tests book
	@.venv-bench/bin/python code/bench/bench.py
	@$(BIN)/python code/tools/chromium.py
	@$(BIN)/python code/bench/explorer_bench.py
	@$(BIN)/python code/bench/write_bench.py

vectors: .venv-vectors/.installed
	@.venv-vectors/bin/python code/tests/vectors/make_vectors.py
	@.venv-vectors/bin/python code/tests/vectors/make_training.py
	@.venv-vectors/bin/python code/tests/vectors/make_after_adam.py

pins:
	$(call venv,.venv-pins)
	@.venv-pins/bin/python -m pip install --quiet --disable-pip-version-check uv
	@PATH="$(CURDIR)/.venv-pins/bin:$$PATH" .venv-pins/bin/python code/tools/pins.py $(ONLY)
	@echo 'Wrote code/constraints.txt and requirements.txt; run "make test" before you commit them'

clean:
	rm -rf _build .venv .venv-binder .venv-bench .venv-vectors .venv-pins .venv-package .venv-assignments
	find . -name __pycache__ -prune -exec rm -rf {} +
	rm -rf .pytest_cache .ruff_cache .hypothesis code/.pytest_cache code/.ruff_cache code/.hypothesis
