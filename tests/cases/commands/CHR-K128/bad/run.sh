python program.py
