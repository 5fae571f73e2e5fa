.PHONY: demo test check lab app bench docs
demo test check lab app bench docs:
	python3 dev.py $@
