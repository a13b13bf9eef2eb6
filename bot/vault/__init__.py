"""What keeps words sealed at rest and makes erased mean erased (design §6; PR6, PR7).

The only home of `cryptography`, `argon2` and `pyotp`. Four things are offered to the rest of the house:
seal, open, rewrap, shred. No cipher, nonce or epoch key leaves this package.
"""
